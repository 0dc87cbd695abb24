"""The board, its two motors and its battery, answering bytes as the real ones do."""
