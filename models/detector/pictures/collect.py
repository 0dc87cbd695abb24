"""Making data sets: rendered pictures with exact boxes, by several processes, to be continued at any time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from models.common.workers.base import Workers
from models.common.workers.processes import Processes
from models.detector.pictures.boxes import LabelledBox
from models.detector.pictures.example import Example, traits_of
from models.detector.pictures.labels import LABELS, add_labels
from models.detector.pictures.staging import FRAMES_PER_SCENE, plan_scene
from models.detector.pictures.truth import frame_boxes
from models.detector.pictures.voc import EncodedImage, annotation_path, encode, write_encoded
from sim.render.photo import PhotoStyle
from sim.render.renderer import Renderer
from sim.render.scene import Scene

TEXTURE_PX = 2048
MAX_PHOTO_HARDNESS = 0.8
FAULTLESS_SHARE = 0.25  # of pictures, as the live simulator gives them
SUPERSAMPLES = (1, 2)  # hard edges as in the live simulator, soft ones as from a lens


@dataclass(frozen=True, slots=True)
class SceneTask:
    """The first `frames` pictures of scene number `index` of the data set `seed`."""

    out: Path
    seed: int
    index: int
    frames: int

    def name(self, frame: int) -> str:
        """A picture's name, the same whoever makes it."""
        return f"{self.seed}-{self.index:05d}-{frame:02d}"

    @property
    def done(self) -> bool:
        """Whether all its pictures are there."""
        return all(annotation_path(self.out, self.name(k)).is_file() for k in range(self.frames))


@dataclass(frozen=True, slots=True)
class MadeScene:
    """A scene's pictures, as they are stored, with their boxes."""

    task: SceneTask
    examples: tuple[tuple[EncodedImage, tuple[LabelledBox, ...]], ...]

    def write(self) -> None:
        """Store them where the task says."""
        for frame, (image, boxes) in enumerate(self.examples):
            write_encoded(self.task.out, self.task.name(frame), image, boxes)


def collect(out: Path, count: int, seed: int, workers: Workers | None = None, console: Console | None = None) -> int:
    """Render `count` pictures with their boxes into the Pascal VOC folder `out`.

    Pictures that are there already are kept, so that a run that was cut off goes on where it stopped. The same
    seed gives the same pictures, whoever the workers are.

    Args:
        out: folder, made if missing.
        count: pictures in all.
        seed: data sets from `staging.HELD_OUT_SEED` on are for evaluation only.
        workers: who renders; two processes when not given.
        console: where progress is shown if it is a terminal.

    Returns:
        How many pictures the call made.

    Raises:
        ValueError: if `count` is not positive or `seed` negative.
        DataSetError: if the folder's list of labels is wrong.
        RenderError: if there is no OpenGL.
    """
    if count < 1 or seed < 0:
        raise ValueError(f"count must be 1 or more and seed 0 or more, not {count} and {seed}")
    add_labels(out, LABELS)
    tasks = [task for task in scene_tasks(out, count, seed) if not task.done]
    made = 0
    console = console or Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("pictures", total=sum(task.frames for task in tasks))
        for scene in (workers or Processes(2)).each(make_scene, tasks):
            scene.write()
            made += len(scene.examples)
            progress.advance(bar, len(scene.examples))
    return made


def scene_tasks(out: Path, count: int, seed: int) -> list[SceneTask]:
    """The scenes that make up a data set of `count` pictures; the last may be cut short."""
    scenes = math.ceil(count / FRAMES_PER_SCENE)
    return [
        SceneTask(out, seed, index, min(FRAMES_PER_SCENE, count - index * FRAMES_PER_SCENE)) for index in range(scenes)
    ]


def make_scene(task: SceneTask) -> MadeScene:
    """Render a scene's pictures, perhaps on another machine than that on which they are kept."""
    return MadeScene(
        task,
        tuple((encode(example.image), example.boxes) for example in scene_examples(task.seed, task.index, task.frames)),
    )


def scene_examples(seed: int, index: int, frames: int) -> Iterator[Example]:
    """The first `frames` pictures of a scene with their boxes."""
    plan = plan_scene(seed, index, FRAMES_PER_SCENE)
    renderer = _renderer(SUPERSAMPLES[index // 2 % len(SUPERSAMPLES)])
    renderer.load(Scene.build(plan.city, plan.seed, plan.style, max_texture_px=TEXTURE_PX))
    for number, shot in enumerate(plan.frames[:frames]):
        frame = renderer.render([shot.view], shot.cars, ids=True)[0]
        if frame.ids is None:
            raise RuntimeError("the renderer gave no ids although they were asked for")
        boxes = frame_boxes(frame.ids, shot.view, plan.city.signs, [car.pose for car in shot.cars])
        rng = np.random.default_rng([seed, index, number])
        camera = _camera(rng)
        image = camera.apply(frame.image, rng)
        yield Example(image, boxes, traits_of(image, camera, plan.background_is_unseen))


def _camera(rng: np.random.Generator) -> PhotoStyle:
    if rng.random() < FAULTLESS_SHARE:
        return PhotoStyle()
    return PhotoStyle.sample(rng, hardness=float(rng.uniform(0.0, MAX_PHOTO_HARDNESS)))


def examples(count: int, seed: int) -> Iterator[Example]:
    """The pictures of a data set, straight from the renderer, without a file in between."""
    for task in scene_tasks(Path(), count, seed):
        yield from scene_examples(seed, task.index, task.frames)


@cache
def _renderer(supersample: int) -> Renderer:
    """This process's renderer with so many rays per pixel."""
    return Renderer(supersample=supersample)
