"""What the car makes of a picture: where its lane goes, and which signs and cars it sees."""
