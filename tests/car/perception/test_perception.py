"""The wrappers round the models, with real tiny models, and the geometry of what they see."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from car.camera.frame import Frame, Picture
from car.perception.detector import Detector, detector_picture
from car.perception.eyes import Eyes, overlap, surest
from car.perception.lane import LaneModel, lane_picture
from car.perception.seen import Box, Detection
from car.perception.sidecar import DetectorCrop, LaneInput, ModelError
from car.perception.sighting import CAR_LABEL, FOOT_INSIDE_M, UNDERSIDE_M, DetectorView, locate_car, locate_sign
from car.perception.standardise import standardised
from city.city import Command
from city.sign_catalogue import picture_height_m
from fleet.vehicle import DEFAULT_CAMERA, DEFAULT_VEHICLE
from tests.car.tiny_models.make import ANCHORS, LABELS

WHOLE = DetectorView(320, 0, 240)


def grey(value: int) -> Picture:
    return np.full((240, 320, 3), value, np.uint8)


@pytest.mark.parametrize(("command", "side"), [(Command.LEFT, -0.3), (Command.RIGHT, 0.3), (Command.FOLLOW, 0.0)])
def test_lane_model_hears_the_command(models: Path, command: Command, side: float) -> None:
    lane = LaneModel(models / "lane.tflite")
    seen = lane.look(grey(191), command)
    assert seen.steering == pytest.approx(191 / 255 - 0.5 + side, abs=1e-3)
    assert seen.lateral_m == pytest.approx((191 / 255 - 0.5) * 0.1, abs=1e-3)
    assert seen.heading_rad is None


def test_lane_model_sees_the_picture_without_its_top(models: Path) -> None:
    picture = grey(0)
    picture[:60] = 255
    assert LaneModel(models / "lane.tflite").look(picture, Command.FOLLOW).steering == pytest.approx(-0.5, abs=1e-3)


def test_float_lane_model_without_a_command_sees_yuv_and_saturates(models: Path) -> None:
    lane = LaneModel(models / "plain.tflite")
    assert lane.look(grey(128), Command.LEFT).steering == pytest.approx((128 / 127.5 - 1) * 2, abs=0.02)
    assert lane.look(grey(255), Command.LEFT).steering == 1.0
    assert lane.look(grey(0), Command.RIGHT).steering == -1.0


def test_lane_picture_is_cropped_scaled_and_recoloured() -> None:
    picture = grey(0)
    picture[:, :, 0] = 200  # blue
    seen = lane_picture(picture, LaneInput(crop_top_fraction=0.333, height_px=60, width_px=120, colour="rgb"))
    assert seen.shape == (60, 120, 3)
    assert seen[30, 60].tolist() == [0, 0, 200]


@given(seed=st.integers(0, 999), gain=st.tuples(*[st.floats(0.5, 1.0)] * 3), shift=st.tuples(*[st.floats(0, 40)] * 3))
def test_a_standardised_picture_does_not_show_the_colour_and_strength_of_the_light(
    seed: int, gain: tuple[float, ...], shift: tuple[float, ...]
) -> None:
    rng = np.random.default_rng(seed)
    scene = cv2.resize(rng.integers(60, 200, (6, 8, 3), dtype=np.uint8), (120, 56))
    lit = np.rint(scene * np.array(gain) + shift).astype(np.uint8)
    plain, seen = standardised(scene).astype(int), standardised(lit).astype(int)
    assert np.abs(seen - plain).max() <= 6  # what rounding to whole levels costs, with the contrast
    assert np.abs(seen.mean(axis=(0, 1)) - 128).max() < 3
    assert np.abs(seen.std(axis=(0, 1)) - 48).max() < 3


def test_a_picture_of_nothing_is_grey_and_its_noise_is_not_blown_up() -> None:
    assert np.all(standardised(np.full((56, 120, 3), 7, np.uint8)) == 128)
    noise = np.random.default_rng(1).integers(6, 9, (56, 120, 3), dtype=np.uint8)
    assert standardised(noise).std() < 20


def test_a_lane_picture_is_standardised_after_it_is_cropped() -> None:
    picture = np.random.default_rng(2).integers(0, 90, (240, 320, 3), dtype=np.uint8)
    picture[:72] = 255  # a bright sky, which is cut off
    wanted = LaneInput(crop_top_fraction=0.3, height_px=56, width_px=120, colour="rgb")
    seen = lane_picture(picture, wanted.model_copy(update={"standardised": True}))
    assert np.array_equal(seen, standardised(lane_picture(picture, wanted)))
    assert seen.std() > 2 * lane_picture(picture, wanted).std()


def test_detector_finds_what_is_bright_and_gives_pixels_of_the_whole_picture(models: Path) -> None:
    picture = grey(0)
    picture[:, :160] = 255
    (found,) = Detector(models / "detector.tflite").look(picture)
    centre_y, centre_x, height, width = ANCHORS[0]
    assert found.label == LABELS[0]
    assert found.score == pytest.approx(1.0, abs=0.01)
    assert found.box.left_px == pytest.approx((centre_x - width / 2) * 320, abs=0.5)
    assert found.box.right_px == pytest.approx((centre_x + width / 2) * 320, abs=0.5)
    # The detector sees the upper 80 % of the picture only.
    assert found.box.top_px == pytest.approx((centre_y - height / 2) * 192, abs=0.5)
    assert found.box.bottom_px == pytest.approx((centre_y + height / 2) * 192, abs=0.5)


def test_detector_lists_the_surest_first_and_drops_the_unsure(models: Path) -> None:
    detector = Detector(models / "detector.tflite")
    picture = grey(230)
    picture[:, :160] = 130
    assert [found.label for found in detector.look(picture)] == ["Car", "Hand"]
    assert detector.look(grey(90)) == ()


def test_detector_picture_keeps_the_crop() -> None:
    picture = grey(0)
    picture[192:] = 255
    seen = detector_picture(picture, DetectorCrop(bottom_fraction=0.8), 48, 80)
    assert seen.shape == (48, 80, 3)
    assert seen.max() == 0


def test_class_offset(models: Path, tmp_path: Path) -> None:
    shutil.copy(models / "detector.tflite", tmp_path / "d.tflite")
    sidecar = json.loads((models / "detector.json").read_text())
    (tmp_path / "d.json").write_text(json.dumps(sidecar | {"class_offset": 1}))
    detections = Detector(tmp_path / "d.tflite").look(grey(255))
    assert [found.label for found in detections] == ["Hand"]  # class 1 is now the first label, class 0 none


def test_eyes_look_with_the_detector_only_every_so_often(models: Path) -> None:
    eyes = Eyes(LaneModel(models / "lane.tflite"), Detector(models / "detector.tflite"), detector_every=2)
    first, second = (eyes.look(Frame(grey(255), k, float(k)), Command.FOLLOW) for k in (1, 2))
    assert first.signs is None
    assert first.detections == ()
    assert second.signs is not None
    assert second.cars is not None
    assert len(second.cars) == 1
    assert second.sign_kinds == ("Hand",)
    assert second.captured_s == 2.0


def test_a_recurrent_model_remembers_until_it_is_told_to_forget(models: Path) -> None:
    lane = LaneModel(models / "memory.tflite")
    assert [round(lane.look(grey(9), Command.FOLLOW).steering, 3) for _ in range(3)] == [0.1, 0.2, 0.3]
    lane.reset()
    assert lane.look(grey(9), Command.FOLLOW).steering == pytest.approx(0.1)


@pytest.mark.parametrize("gap_s", [0.5, -0.1])  # a stall, and a camera that began anew
def test_eyes_forget_where_frames_are_missing(models: Path, gap_s: float) -> None:
    eyes = Eyes(LaneModel(models / "memory.tflite"), Detector(models / "detector.tflite"))
    times_s = [100.0, 100.04, 100.08, 100.08 + gap_s, 100.12 + gap_s]
    steered = [eyes.look(Frame(grey(0), k, t), Command.FOLLOW).lane.steering for k, t in enumerate(times_s)]
    assert [round(steering, 3) for steering in steered] == [0.1, 0.2, 0.3, 0.1, 0.2]


def test_one_thing_is_one_sighting() -> None:
    sure = Detection("Hand", 0.9, Box(10, 10, 30, 30))
    same = Detection("Go", 0.6, Box(11, 10, 31, 30))
    other = Detection("Go", 0.5, Box(25, 10, 45, 30))
    assert surest((sure, same, other)) == (sure, other)
    assert overlap(sure.box, sure.box) == 1.0
    assert overlap(sure.box, Box(30, 30, 40, 40)) == 0.0


@pytest.mark.parametrize(
    ("file", "change", "problem"),
    [
        ("lane", None, "each .tflite needs its .json"),
        ("lane", {"input": {"crop_top_fraction": 2}}, "input.crop_top_fraction"),
        ("lane", {"inputs": {"image": "nothing"}}, "has no input 'nothing'"),
        ("lane", {"outputs": {"steering": "nothing"}}, "has no output 'nothing'"),
        (
            "lane",
            {"input": {"crop_top_fraction": 0, "height_px": 9, "width_px": 9, "colour": "rgb"}},
            "the sidecar says 9 x 9",
        ),
        ("detector", {"labels": []}, "labels"),
    ],
)
def test_a_wrong_sidecar_is_named(
    models: Path, tmp_path: Path, file: str, change: dict[str, object] | None, problem: str
) -> None:
    shutil.copy(models / f"{file}.tflite", tmp_path / "model.tflite")
    if change is not None:
        sidecar = json.loads((models / f"{file}.json").read_text())
        (tmp_path / "model.json").write_text(json.dumps(sidecar | change))
    with pytest.raises(ModelError, match=r"model\.(json|tflite)") as caught:
        LaneModel(tmp_path / "model.tflite") if file == "lane" else Detector(tmp_path / "model.tflite")
    assert problem in str(caught.value)


def test_a_model_that_is_none_is_named(models: Path, tmp_path: Path) -> None:
    shutil.copy(models / "lane.json", tmp_path / "lane.json")
    with pytest.raises(ModelError, match="no such file"):
        LaneModel(tmp_path / "lane.tflite")
    (tmp_path / "lane.tflite").write_bytes(b"this is text")
    with pytest.raises(ModelError, match="is not a TFLite model"):
        LaneModel(tmp_path / "lane.tflite")
    shutil.copy(models / "lane.tflite", tmp_path / "lane.tflite")
    shutil.copy(models / "detector.json", tmp_path / "lane.json")
    with pytest.raises(ModelError, match=r"detection model|not one picture"):
        Detector(tmp_path / "lane.tflite")


def project(x_m: float, y_m: float, z_m: float) -> tuple[float, float]:
    """Pixel of a point in the vehicle frame, by plain rotation: an independent way to the wrappers' formulas."""
    camera = DEFAULT_CAMERA
    ahead, left, up = x_m - camera.forward_m, y_m, z_m - camera.height_m
    sine, cosine = math.sin(camera.pitch_rad), math.cos(camera.pitch_rad)
    depth, down = ahead * cosine - up * sine, -(up * cosine + ahead * sine)
    return 160 - camera.focal_px * left / depth, 120 + camera.focal_px * down / depth


def box_of(points: list[tuple[float, float, float]]) -> Box:
    pixels = np.array([project(*point) for point in points])
    (left, top), (right, bottom) = pixels.min(axis=0), pixels.max(axis=0)
    return Box(float(left), float(top), float(right), float(bottom))


@given(ahead_m=st.floats(0.45, 1.4), left_m=st.floats(-0.3, 0.3), turned_rad=st.floats(-0.6, 0.6))
def test_a_sign_is_put_where_it_stands_however_it_is_turned(ahead_m: float, left_m: float, turned_rad: float) -> None:
    half_m, across = 0.06, (math.sin(turned_rad), math.cos(turned_rad))
    corners = [
        (ahead_m + side * half_m * across[0], left_m + side * half_m * across[1], z_m)
        for side in (-1, 1)
        for z_m in (0.10, 0.10 + picture_height_m("Hand"))
    ]
    sighting = locate_sign(Detection("Hand", 0.9, box_of(corners)), WHOLE)
    if sighting is None:
        return
    assert sighting.x_m == pytest.approx(ahead_m, abs=0.01 + half_m * abs(math.sin(turned_rad)))
    assert sighting.y_m == pytest.approx(left_m, abs=0.02 + 0.06 * abs(math.sin(turned_rad)))
    assert sighting.range_m == pytest.approx(math.hypot(sighting.x_m - DEFAULT_CAMERA.forward_m, sighting.y_m))
    assert sighting.range_sigma_m > 0


def test_a_sign_that_is_cut_off_is_not_measured() -> None:
    for box in (Box(0, 50, 40, 90), Box(290, 50, 320, 90), Box(50, 0, 90, 40), Box(50, 200, 90, 240)):
        assert locate_sign(Detection("Hand", 0.9, box), WHOLE) is None
    assert locate_sign(Detection("Hand", 0.9, Box(50, 150, 90, 192)), DetectorView(320, 0, 192)) is None


@given(ahead_m=st.floats(0.3, 1.2), left_m=st.floats(-0.15, 0.15))
def test_a_cars_rear_is_put_where_it_is(ahead_m: float, left_m: float) -> None:
    vehicle = DEFAULT_VEHICLE
    corners = [
        (ahead_m + depth_m, left_m + side * vehicle.width_m / 2, z_m)
        for depth_m in (FOOT_INSIDE_M, vehicle.length_m - FOOT_INSIDE_M)
        for side in (-1, 1)
        for z_m in (0.0, vehicle.height_m)
    ]
    sighting = locate_car(Detection(CAR_LABEL, 0.9, box_of(corners)), WHOLE)
    assert sighting is not None
    assert sighting.x_m == pytest.approx(ahead_m, abs=0.02)
    # The box of a car that stands askew to the line of sight is a little wider than its rear, never narrower.
    assert -0.04 < sighting.right_m - (left_m - vehicle.width_m / 2) < 0.01
    assert -0.01 < sighting.left_m - (left_m + vehicle.width_m / 2) < 0.04


def car_box(ahead_m: float) -> Box:
    """Of a car straight ahead whose bumper is at `ahead_m` and whose wheels meet the road farther inside."""
    vehicle = DEFAULT_VEHICLE
    return box_of(
        [
            (ahead_m + depth_m, side * vehicle.width_m / 2, z_m)
            for depth_m in (FOOT_INSIDE_M, vehicle.length_m - FOOT_INSIDE_M)
            for side in (-1, 1)
            for z_m in (0.0, vehicle.height_m)
        ]
    )


@given(ahead_m=st.floats(0.4, 1.08), pitch_error_deg=st.floats(-1.0, 1.0))
def test_a_car_is_put_where_it_is_though_the_camera_looks_a_degree_elsewhere(
    ahead_m: float, pitch_error_deg: float
) -> None:
    believed = replace(DEFAULT_CAMERA, pitch_rad=DEFAULT_CAMERA.pitch_rad + math.radians(pitch_error_deg))
    sighting = locate_car(Detection(CAR_LABEL, 0.9, car_box(ahead_m)), WHOLE, believed)
    assert sighting is not None
    camera_m = DEFAULT_CAMERA.forward_m
    assert sighting.x_m - camera_m == pytest.approx(ahead_m - camera_m, rel=0.07)


@pytest.mark.parametrize(("raised_px", "is_nearer"), [(-25.0, True), (12.0, False)])
def test_of_two_distances_that_contradict_each_other_the_nearer_counts(raised_px: float, is_nearer: bool) -> None:
    box = car_box(0.6)  # seen with too high a roof, or too low a one
    sighting = locate_car(Detection(CAR_LABEL, 0.9, replace(box, top_px=box.top_px + raised_px)), WHOLE)
    assert sighting is not None
    assert sighting.x_m == pytest.approx(0.6, abs=0.02) if not is_nearer else sighting.x_m < 0.45


@given(ahead_m=st.floats(0.19, 0.22))
def test_from_near_a_bumper_hides_the_wheels_behind_it(ahead_m: float) -> None:
    vehicle, lowest_m = DEFAULT_VEHICLE, UNDERSIDE_M
    outline = [(ahead_m, side * vehicle.width_m / 2, z_m) for side in (-1, 1) for z_m in (lowest_m, vehicle.height_m)]
    sighting = locate_car(Detection(CAR_LABEL, 0.9, box_of(outline)), WHOLE)
    assert sighting is not None
    assert sighting.x_m == pytest.approx(ahead_m, abs=0.01)


def test_a_car_whose_foot_is_cut_off_is_at_most_as_far_as_the_cut() -> None:
    view = DetectorView(320, 0, 192)
    sighting = locate_car(Detection(CAR_LABEL, 0.9, Box(60, 20, 260, 192)), view)
    assert sighting is not None
    assert sighting.x_m - DEFAULT_VEHICLE.front_overhang_m < 0.12


def test_very_near_a_car_is_measured_by_its_width_as_its_foot_is_cut_off() -> None:
    vehicle, view = DEFAULT_VEHICLE, DetectorView(320, 0, 192)
    for ahead_m in (0.20, 0.17, 0.15):
        wheels_m = ahead_m + FOOT_INSIDE_M
        half_px = 160 * vehicle.width_m / 2 / (wheels_m - DEFAULT_CAMERA.forward_m)
        sighting = locate_car(Detection(CAR_LABEL, 0.9, Box(160 - half_px, 60, 160 + half_px, 192)), view)
        assert sighting is not None
        assert sighting.x_m == pytest.approx(ahead_m, abs=0.025)


def test_a_box_above_the_horizon_is_no_car() -> None:
    assert locate_car(Detection(CAR_LABEL, 0.9, Box(60, 10, 90, 40)), WHOLE) is None
