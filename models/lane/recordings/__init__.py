"""Drives that were recorded: Donkeycar tubs, logs of the Udacity simulator, and cars of this project; in and out."""
