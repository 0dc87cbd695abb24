"""Kinds of ports that pyserial does not know by itself, in modules named as it looks for them."""
