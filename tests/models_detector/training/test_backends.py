"""Any backend of Keras can train the detector; TensorFlow exports what comes of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from car.perception.detector import Detector
from tests.models_detector.drawn_pictures import write_data_set


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_jax_trains_and_tensorflow_exports(tmp_path: Path) -> None:
    write_data_set(tmp_path / "data", 26, seed=1)
    command = [
        *(sys.executable, "-m", "pixelopolis", "train", "detector", "--data", "data", "--out", "run"),
        *("--collages", "16", "--collage-epochs", "1", "--epochs", "1", "--variant", "edge-w0.75"),
    ]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    progress = json.loads((tmp_path / "run" / "progress.json").read_text(encoding="utf-8"))
    assert progress["epochs_done"] == 2
    assert progress["by"].startswith("jax on ")
    assert progress["by"] in (tmp_path / "run" / "detector.md").read_text(encoding="utf-8")
    assert Detector(tmp_path / "run" / "detector.tflite").sidecar.labels
