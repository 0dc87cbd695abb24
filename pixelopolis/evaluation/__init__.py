"""The ways in which `pixelopolis evaluate lane` judges a model: driving, comparing, looking at recordings."""
