"""HTTP and WebSocket endpoints: each file one noun."""
