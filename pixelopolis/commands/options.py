"""What several commands say in the same words."""

CITY_HELP = "pixelopolis, straight, square, curvy, random:SEED, circuit:SEED, or a file."
