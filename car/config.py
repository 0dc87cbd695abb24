"""What can be set for one car: models, speed, dimensions. Everything has a default that drives."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from car.piloting.speed import CRUISE_MPS, HAND_MPS
from fleet.vehicle import DEFAULT_CAMERA, DEFAULT_VEHICLE, CameraGeometry, VehicleGeometry


class ConfigError(ValueError):
    """A configuration that cannot be used; the message names file and key."""

    def __init__(self, source: str, key: str, problem: str) -> None:
        super().__init__(f"{source}: {key}: {problem}" if key else f"{source}: {problem}")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CameraMount(_Part):
    """How this car's camera is mounted."""

    horizontal_fov_deg: Annotated[float, Field(gt=10, lt=170)] = math.degrees(DEFAULT_CAMERA.horizontal_fov_rad)
    forward_m: Annotated[float, Field(ge=-0.2, le=0.3)] = DEFAULT_CAMERA.forward_m
    height_m: Annotated[float, Field(gt=0, le=0.5)] = DEFAULT_CAMERA.height_m
    pitch_deg: Annotated[float, Field(ge=-30, le=60)] = math.degrees(DEFAULT_CAMERA.pitch_rad)

    def geometry(self) -> CameraGeometry:
        """As the rest of the car wants it."""
        return CameraGeometry(
            horizontal_fov_rad=math.radians(self.horizontal_fov_deg),
            forward_m=self.forward_m,
            height_m=self.height_m,
            pitch_rad=math.radians(self.pitch_deg),
        )


class Chassis(_Part):
    """What differs between cars of one kind."""

    track_m: Annotated[float, Field(gt=0.05, le=0.5)] = DEFAULT_VEHICLE.track_m
    wheel_radius_m: Annotated[float, Field(gt=0.005, le=0.2)] = DEFAULT_VEHICLE.wheel_radius_m

    def geometry(self) -> VehicleGeometry:
        """As the rest of the car wants it."""
        return VehicleGeometry(track_m=self.track_m, wheel_radius_m=self.wheel_radius_m)


def shipped_model(name: str) -> Path:
    """Path of a model that comes with the project; nothing of it is imported."""
    return Path(str(files("models") / "shipped" / f"{name}.tflite"))


class CarConfig(_Part):
    """The configuration of one car."""

    lane_model: Path = Field(default_factory=lambda: shipped_model("lane"))
    detector_model: Path = Field(default_factory=lambda: shipped_model("detector"))
    detector_every: Annotated[int, Field(ge=1, le=10)] = 2  # the detector looks at every so-many-th frame
    detector_labels: Path | None = None  # a label file, for a model whose sidecar has none
    detector_delegate: str | None = None  # a TFLite delegate's library, by name or path
    detector_delegate_options: dict[str, Annotated[str, Field(coerce_numbers_to_str=True)]] = {}
    model_threads: Annotated[int, Field(ge=1, le=16)] = 1  # for each of the two models
    speed_scale: Annotated[float, Field(gt=0, le=1.3)] = 1.0
    hand_mps: Annotated[float, Field(gt=0, le=CRUISE_MPS)] = HAND_MPS  # at most, while an operator drives it by hand
    stream_quality: Annotated[int, Field(ge=10, le=95)] = 70
    camera: CameraMount = CameraMount()
    chassis: Chassis = Chassis()


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line says about the detector, which counts before the file; empty where it says nothing."""

    detector_model: Path | None = None
    detector_labels: Path | None = None
    detector_delegate: str | None = None
    detector_delegate_options: Mapping[str, str] = field(default_factory=dict)
    model_threads: int | None = None

    def apply(self, config: CarConfig) -> CarConfig:
        """The configuration with them. Labels of another model than that in the file are not those of the file."""
        said: dict[str, Any] = {key: value for key, value in asdict(self).items() if value}
        if self.detector_model is not None:
            said.setdefault("detector_labels", None)
        return config.model_copy(update=said)


def load_config(path: Path | None, overrides: Overrides | None = None) -> CarConfig:
    """Read a YAML file; without one, the defaults.

    Raises:
        ConfigError: if it cannot be read or is wrong; names file and key.
    """
    config = CarConfig() if path is None else _read_config(path)
    if overrides is not None:
        config = overrides.apply(config)
    if config.detector_delegate_options and config.detector_delegate is None:
        source = "command line" if path is None else str(path)
        raise ConfigError(source, "detector_delegate_options", "there is no detector_delegate for these options")
    return config


def _read_config(path: Path) -> CarConfig:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), "", f"cannot be read ({error})") from error
    except yaml.YAMLError as error:
        raise ConfigError(str(path), "", f"is not YAML: {error}") from error
    try:
        config = CarConfig.model_validate(content or {})
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(str(path), ".".join(str(part) for part in first["loc"]), first["msg"]) from error
    return config.model_copy(update=_beside(config, path.parent))


def _beside(config: CarConfig, folder: Path) -> dict[str, object]:
    """Files are beside the configuration; a library that is only a name is where the system has its libraries."""
    labels, library = config.detector_labels, config.detector_delegate
    return {
        "lane_model": folder / config.lane_model,
        "detector_model": folder / config.detector_model,
        "detector_labels": None if labels is None else folder / labels,
        "detector_delegate": str(folder / library) if library and "/" in library else library,
    }
