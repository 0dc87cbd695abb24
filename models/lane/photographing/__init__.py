"""Pictures of a city as a car's camera would take them, in every look."""
