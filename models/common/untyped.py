"""Names for what comes from libraries without types, so that signatures still say what is meant."""

from __future__ import annotations

from typing import Any, TypeAlias

Tensor: TypeAlias = Any  # of keras or tensorflow
Network: TypeAlias = Any  # a keras.Model
Variable: TypeAlias = Any  # a keras.Variable
Dataset: TypeAlias = Any  # a tf.data.Dataset
ObjectRef: TypeAlias = Any  # of Ray: a result that is to come
