"""TensorFlow has to be loaded before the renderer: after it, its LLVM and Mesa's get in each other's way."""

import tensorflow as tf  # noqa: F401  # for the order alone
