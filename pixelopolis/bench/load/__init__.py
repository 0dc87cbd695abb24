"""A day of many stations and cars, in minutes."""
