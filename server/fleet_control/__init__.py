"""What the fleet decides at one moment, from reports, wishes and time. Pure."""
