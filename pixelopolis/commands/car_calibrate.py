"""`pixelopolis car calibrate`: how this car's camera sees and sits, for its configuration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixelopolis.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from car.calibration.chessboard import Chessboard
    from car.calibration.lens import Lens
    from car.calibration.mount import Mount
    from car.camera.camera import Camera
    from car.camera.frame import Picture

VIEWS_WANTED = 20
FLOOR_TRIES = 50
PICTURE_WAIT_S = 3.0
BENT_PX = 4.0


def calibrate(
    camera: Annotated[str | None, typer.Option(help="tcp://host:port/car-1, v4l2:0 or file:drive.mp4.")] = None,
    pictures: Annotated[Path | None, typer.Option(help="A folder with pictures of the board, instead.")] = None,
    floor: Annotated[Path | None, typer.Option(help="With --pictures: the one of the board on the floor.")] = None,
    board: Annotated[str, typer.Option(help="Inner corners of the board, across and down.")] = "9x6",
    square_mm: Annotated[float, typer.Option(min=5, max=200, help="Side of a square, as measured.")] = 25.0,
    ahead_mm: Annotated[
        float, typer.Option(min=50, max=2000, help="From the drive axle to the nearest row of inner corners.")
    ] = 300.0,
    config: Annotated[
        Path | None, typer.Option("--config", help="The car's YAML file; its part `camera` is written.")
    ] = None,
    print_file: Annotated[
        Path | None, typer.Option("--print", help="Write the board as a PDF to print, and do nothing else.")
    ] = None,
) -> None:
    """Find field of view, height, tilt and place of the camera by a printed chessboard."""
    from car.calibration.chessboard import CalibrationError, Chessboard
    from car.calibration.print_board import board_pdf
    from car.camera.source import CameraError

    try:
        chessboard = Chessboard.parse(board, square_mm / 1000)
        if print_file is not None:
            print_file.write_bytes(board_pdf(chessboard))
            typer.echo(f"{print_file}: print it at 100 % and glue it to something flat and stiff")
            return
        if pictures is not None and floor is not None:
            lens, mount = _from_files(chessboard, pictures, floor, ahead_mm / 1000)
        elif camera is not None:
            lens, mount = _from_camera(chessboard, camera, ahead_mm / 1000)
        else:
            raise UsageError("give --camera, or --pictures and --floor, or --print")
    except ModuleNotFoundError as error:
        raise UsageError(f"--print needs {error.name}, which this machine lacks: pip install fpdf2") from error
    except (CalibrationError, CameraError, OSError) as error:
        raise UsageError(str(error)) from error
    _tell(lens, mount)
    if config is not None:
        _write(config, lens, mount)
        typer.echo(f"{config}: `camera` written")


def _from_files(board: Chessboard, folder: Path, floor: Path, ahead_m: float) -> tuple[Lens, Mount]:
    from car.calibration.chessboard import CalibrationError
    from car.calibration.lens import lens_of
    from car.calibration.mount import mount_of
    from car.calibration.views import Views

    views = Views(board)
    width_px, height_px = 0, 0
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in (".jpg", ".jpeg", ".png") and path.resolve() != floor.resolve():
            picture = _read(path)
            if width_px and picture.shape[:2] != (height_px, width_px):
                raise CalibrationError(f"{path}: is of another size than the others; calibrate one camera at a time")
            height_px, width_px = picture.shape[:2]
            views.take(picture, must_be_still=False)
    lens = lens_of(board, views.kept, width_px, height_px)
    seen = board.find(_read(floor))
    if seen is None:
        raise CalibrationError(f"{floor}: the board of {board.columns}x{board.rows} inner corners is not whole in it")
    return lens, mount_of(board, seen, lens, ahead_m)


def _read(path: Path) -> Picture:
    import cv2

    from car.calibration.chessboard import CalibrationError

    picture: Picture | None = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise CalibrationError(f"{path}: cannot be read as a picture")
    return picture


def _from_camera(board: Chessboard, url: str, ahead_m: float) -> tuple[Lens, Mount]:
    from car.calibration.chessboard import CalibrationError
    from car.calibration.lens import lens_of
    from car.calibration.mount import mount_of
    from car.calibration.views import collect_views
    from car.camera.camera import Camera, camera_source

    with Camera(camera_source(url)) as camera:
        stream = _stream(camera)
        first = next(stream)
        typer.echo("Hold the board still before the camera, whole in the picture: near, far, tilted to all sides.")
        views = []
        for view in collect_views(board, stream, VIEWS_WANTED):
            views.append(view)
            typer.echo(f"  {len(views)} of {VIEWS_WANTED}")
        lens = lens_of(board, views, first.shape[1], first.shape[0])
        typer.prompt(
            f"Lay it on the floor, square to the car, its middle straight ahead, the nearest row of inner corners "
            f"{ahead_m * 1000:.0f} mm before the drive axle, and press Enter",
            default="",
            show_default=False,
        )
        for _ in range(FLOOR_TRIES):
            seen = board.find(next(stream))
            if seen is not None:
                return lens, mount_of(board, seen, lens, ahead_m)
    raise CalibrationError("the board on the floor is not whole in the picture; move it, and give its --ahead-mm")


def _stream(camera: Camera) -> Iterator[Picture]:
    from car.camera.source import CameraError

    sequence = -1
    while True:
        frame = camera.wait_newer(sequence, PICTURE_WAIT_S)
        if frame is None:
            raise CameraError(camera.url, camera.error or "gives no picture")
        sequence = frame.sequence
        yield frame.picture


def _tell(lens: Lens, mount: Mount) -> None:
    import math

    typer.echo(
        f"field of view {math.degrees(lens.horizontal_fov_rad):.1f} degrees (pictures fit to "
        f"{lens.error_px:.2f} pixels)\n"
        f"camera {1000 * mount.forward_m:.0f} mm before the drive axle, {1000 * mount.height_m:.0f} mm high, "
        f"looking {math.degrees(mount.pitch_rad):.1f} degrees down"
    )
    for name, value, limit, unit in (
        ("to the left of the middle", 1000 * mount.left_m, 5.0, "mm"),
        ("turned clockwise", math.degrees(mount.roll_rad), 1.5, "degrees"),
        ("looking to the left", math.degrees(mount.yaw_rad), 1.5, "degrees"),
    ):
        if abs(value) > limit:
            typer.echo(f"it sits {value:+.1f} {unit} {name}; put it straight, the car takes that for 0", err=True)
    if lens.corner_shift_px > BENT_PX:
        typer.echo(
            f"the lens bends the picture's corners by {lens.corner_shift_px:.0f} pixels, which the car takes for 0: "
            "distances to what is seen there are less exact",
            err=True,
        )


def _write(config: Path, lens: Lens, mount: Mount) -> None:
    """Put the camera's part into a configuration, which keeps its others; its comments are lost."""
    import math

    import yaml

    from car.config import CameraMount, ConfigError, load_config

    before: dict[str, object] = {}
    if config.exists():
        try:
            load_config(config)
        except ConfigError as error:
            raise UsageError(str(error)) from error
        before = yaml.safe_load(config.read_text(encoding="utf-8")) or {}
    found = CameraMount(
        horizontal_fov_deg=round(math.degrees(lens.horizontal_fov_rad), 2),
        forward_m=round(mount.forward_m, 4),
        height_m=round(mount.height_m, 4),
        pitch_deg=round(math.degrees(mount.pitch_rad), 2),
    )
    text = yaml.safe_dump({**before, "camera": found.model_dump()}, sort_keys=False, allow_unicode=True)
    config.write_text(text, encoding="utf-8")
