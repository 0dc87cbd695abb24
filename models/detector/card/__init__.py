"""The detector's card, written by training and completed by evaluation."""
