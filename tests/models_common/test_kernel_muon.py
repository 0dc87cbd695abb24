from __future__ import annotations

import keras
import numpy as np
import pytest

from models.common.kernel_muon import KernelMuon

RATE = 0.01


def kernel(*shape: int, name: str = "kernel") -> keras.Variable:
    return keras.Variable(np.random.default_rng(3).normal(size=shape).astype(np.float32), name=name)


def step_of(variable: keras.Variable, gradient: np.ndarray, **options: object) -> np.ndarray:
    before = variable.numpy()
    optimizer = KernelMuon(RATE, weight_decay=None, adam_weight_decay=None, **options)
    optimizer.build([variable])
    optimizer.apply([keras.ops.convert_to_tensor(gradient.astype(np.float32))])
    return np.asarray(before - variable.numpy())


def test_a_step_goes_equally_far_in_all_directions_however_unequal_the_gradients() -> None:
    strengths = np.geomspace(1e-3, 1.0, 16)  # of the gradient's directions
    gradient = np.random.default_rng(1).normal(size=(3, 3, 8, 16)) * strengths
    step = step_of(kernel(3, 3, 8, 16), gradient)
    given = np.linalg.svd(gradient.reshape(-1, 16), compute_uv=False)
    gone = np.linalg.svd(step.reshape(-1, 16), compute_uv=False)
    assert given.max() / given.min() > 100
    assert gone.max() / gone.min() < 4  # five iterations do not make them quite equal
    assert gone.mean() == pytest.approx(0.2 * RATE * np.sqrt(72), rel=0.3)
    assert (step * gradient).sum() > 0


@pytest.mark.parametrize(
    "variable", [kernel(16), kernel(3, 3, 8, 1), kernel(1, 1, 8, 16, name="boxes_0")], ids=["bias", "depthwise", "head"]
)
def test_all_else_is_adams(variable: keras.Variable) -> None:
    gradient = np.random.default_rng(2).normal(size=variable.shape)
    step = step_of(variable, gradient, exclude_layers=["boxes_"])
    np.testing.assert_allclose(step, RATE * np.sign(gradient), rtol=1e-3)  # of the first step


def test_it_comes_back_from_its_description() -> None:
    before = KernelMuon(RATE, exclude_layers=["boxes_"])
    again = keras.optimizers.deserialize(keras.optimizers.serialize(before))
    assert isinstance(again, KernelMuon)
    assert again.exclude_layers == ["boxes_"]
