"""What operators' tools see of a running server: Prometheus metrics of the fleet, the store and the answers."""
