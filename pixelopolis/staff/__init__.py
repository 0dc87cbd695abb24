"""What people do at a real city, done for a simulated one: let its cars in."""
