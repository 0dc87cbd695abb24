"""A car's configuration: its file, the command line before it, and what is wrong with either."""

from __future__ import annotations

from pathlib import Path

import pytest

from car.config import CarConfig, ConfigError, Overrides, load_config, shipped_model


def test_configuration_has_defaults_that_need_no_file() -> None:
    assert load_config(None) == CarConfig()
    assert shipped_model("lane").name == "lane.tflite"
    assert shipped_model("lane").parent.name == "shipped"


def test_configuration_paths_are_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "car.yaml").write_text("lane_model: mine.tflite\ncamera: {pitch_deg: 20}\n")
    config = load_config(tmp_path / "car.yaml")
    assert config.lane_model == tmp_path / "mine.tflite"
    assert config.camera.geometry().pitch_rad == pytest.approx(0.349, abs=0.001)
    assert config.detector_model == shipped_model("detector")


def test_configuration_of_a_detector(tmp_path: Path) -> None:
    (tmp_path / "car.yaml").write_text(
        "detector_model: mine.tflite\ndetector_labels: mine.txt\nmodel_threads: 2\n"
        "detector_delegate: lib/libmine.so\ndetector_delegate_options: {device: usb, verbosity: 3}\n"
    )
    config = load_config(tmp_path / "car.yaml")
    assert config.detector_labels == tmp_path / "mine.txt"
    assert config.detector_delegate == str(tmp_path / "lib" / "libmine.so")
    assert config.detector_delegate_options == {"device": "usb", "verbosity": "3"}
    (tmp_path / "car.yaml").write_text("detector_delegate: libedgetpu.so.1\n")
    assert load_config(tmp_path / "car.yaml").detector_delegate == "libedgetpu.so.1"  # the system finds it


def test_the_command_line_counts_before_the_configuration(tmp_path: Path) -> None:
    path = tmp_path / "car.yaml"
    path.write_text("detector_model: mine.tflite\ndetector_labels: mine.txt\nmodel_threads: 2\nspeed_scale: 0.5\n")
    assert load_config(path, Overrides()) == load_config(path)
    config = load_config(path, Overrides(detector_labels=Path("other.txt"), model_threads=3))
    assert (config.detector_labels, config.model_threads) == (Path("other.txt"), 3)
    assert (config.detector_model, config.speed_scale) == (tmp_path / "mine.tflite", 0.5)
    other = load_config(path, Overrides(detector_model=Path("other.tflite")))
    assert (other.detector_model, other.detector_labels) == (Path("other.tflite"), None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("detector_delegate_options: {device: usb}", "detector_delegate_options: there is no detector_delegate"),
        ("detector_delegate_options: usb", "detector_delegate_options"),
        ("detector_labels: [a]", "detector_labels"),
        ("model_threads: 0", "model_threads"),
        ("speed: 1", "speed"),
        ("speed_scale: 9", "speed_scale"),
        ("camera: {pitch_deg: up}", "camera.pitch_deg"),
        ("[1]", "car.yaml"),
        ("a: [", "is not YAML"),
    ],
)
def test_a_wrong_configuration_is_named(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "car.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"car\.yaml") as caught:
        load_config(path)
    assert problem in str(caught.value)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "none.yaml")
