"""How live video reaches many viewers, and some slow ones."""
