"""Booking, right of way, stores and the HTTP and WebSocket interfaces of the fleet's server."""
