"""Muon for convolutional networks: Keras's own takes matrices only, and kernels have four dimensions.

A step turns a kernel by the same amount in every direction that its gradients have (Jordan et al. 2024, "Muon: An
optimizer for hidden layers in neural networks"), scaled so that Adam's learning rates fit (Liu et al. 2025, "Muon is
Scalable for LLM Training").
"""

from __future__ import annotations

import re

import keras
from keras import ops

from models.common.untyped import Tensor, Variable


@keras.saving.register_keras_serializable(package="pixelopolis")
class KernelMuon(keras.optimizers.Muon):  # type: ignore[misc]  # keras is untyped
    """Muon for the kernels of convolutions, as matrices of (height x width x inputs, outputs); Adam for all else.

    Adam's are biases, normalisations, depthwise kernels, whose matrices would have one column, and all variables
    whose path matches one of `exclude_layers`: a network's last layers.
    """

    def _should_use_adamw(self, variable: Variable) -> bool:
        is_kernel = len(variable.shape) == 4 and variable.shape[-1] > 1
        return not is_kernel or any(re.search(pattern, variable.path) for pattern in self.exclude_layers)

    def _muon_update_step(self, gradient: Tensor, variable: Variable, lr: Tensor, momentum: Variable) -> None:
        self.assign_add(momentum, ops.add(gradient, momentum * (self.momentum - 1)))
        ahead = ops.add(gradient, self.momentum * momentum) if self.nesterov else momentum
        matrix = ops.reshape(ahead, (-1, variable.shape[-1]))
        step = self.lr_adjust(lr * self.zeropower_via_newtonschulz5(matrix, self.ns_steps))
        self.assign_sub(variable, ops.reshape(step, variable.shape))
