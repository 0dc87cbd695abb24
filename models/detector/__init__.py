"""The sign and car detector: a small SSD trained on rendered pictures, shipped as an int8 TFLite file."""
