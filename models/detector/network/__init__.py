"""The SSD: anchors, layers, what it should say, its loss, its answers."""
