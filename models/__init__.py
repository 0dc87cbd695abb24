"""Making models: data sets, architectures, training, export, evaluation, and the shipped `.tflite` files."""
