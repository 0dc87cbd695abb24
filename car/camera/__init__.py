"""Cameras of every kind behind one interface: the newest frame, when it was taken, how old it is."""
