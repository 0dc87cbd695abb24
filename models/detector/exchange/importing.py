"""From photos that people have labelled to a data set that training reads."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from models.common.progress import progress_bar
from models.detector.exchange.annotation import read_foreign_annotation
from models.detector.exchange.class_map import ClassMap, shown
from models.detector.exchange.objects import Objects, in_our_labels, within
from models.detector.exchange.photo import MAX_BYTES, read_photo
from models.detector.exchange.photo_folder import PhotoFolder, plain
from models.detector.exchange.problems import Concerns, ImportReport, Problem, UnusableError
from models.detector.pictures.boxes import DataSetError, LabelledBox
from models.detector.pictures.labels import add_labels
from models.detector.pictures.voc import Origin, annotation_path, image_path, read_example, read_origin, write_encoded

MAX_NAME_BYTES = 200  # file systems take 255, and something is added while a file is written


def import_voc(out: Path, folder: Path, classes: ClassMap) -> ImportReport:
    """Take photos with Pascal VOC annotations into the data set `out`.

    What cannot be used is left out and reported. What the data set has already stays, and is written again only if
    it has been labelled otherwise since, so an import that was cut off goes on when it is called again.

    Args:
        out: folder of the data set, made if something can be imported.
        folder: annotations and pictures as `PhotoFolder` says.
        classes: which label each class becomes.

    Raises:
        DataSetError: if the data set's list of labels is wrong.
    """
    importing = _Import(out, PhotoFolder(folder), classes)
    paths = importing.photos.annotations()
    with progress_bar("photos", len(paths)) as advance:
        for path in paths:
            importing.take(path)
            advance(1)
    importing.report.unlabelled = len(importing.photos.pictures() - importing.pictures)
    return importing.report


class _Import:
    """Goes through annotations one by one."""

    def __init__(self, out: Path, photos: PhotoFolder, classes: ClassMap) -> None:
        self.photos = photos
        self.pictures: set[Path] = set()  # that an annotation is about
        self.report = ImportReport()
        self._out = out
        self._classes = classes
        self._annotation_of: dict[str | Path, Path] = {}  # by the name or the picture that it has taken

    def take(self, path: Path) -> None:
        """Import a picture, or report why not."""
        try:
            self._take(path)
        except UnusableError as error:
            self._report(path, Concerns.PICTURE, error)

    def _take(self, path: Path) -> None:
        if guess := self.photos.picture_of(path, ""):
            self.pictures.add(guess)  # it has an annotation, even if nobody can read it
        annotation = read_foreign_annotation(path)
        picture = self._picture(path, annotation.filename)
        self._check_name(path, picture)
        objects = in_our_labels(annotation, self._classes)
        data = _read(picture)
        origin = Origin(hashlib.sha256(data).hexdigest(), objects.checksum())
        stored = self._stored(path.stem)
        if stored is not None and stored.picture != origin.picture:
            raise UnusableError("name is taken", f"by another picture in {self._out}")
        if stored == origin:
            example = read_example(self._out, path.stem)
            self._boxes(path, objects, example.width_px, example.height_px)
            self.report.present += 1
        else:
            photo = read_photo(data, annotation.size_px)
            boxes = self._boxes(path, objects, photo.width_px, photo.height_px)
            add_labels(self._out, self._classes.new)
            write_encoded(self._out, path.stem, photo, boxes, origin)
            self.report.new += stored is None
            self.report.renewed += stored is not None
        self._annotation_of.update({plain(path.stem): path, picture: path})

    def _picture(self, path: Path, told: str) -> Path:
        picture = self.photos.picture_of(path, told)
        if picture is None:
            raise UnusableError("picture is missing", f"looked for {shown(told or path.stem + '.jpg')}")
        self.pictures.add(picture)
        return picture

    def _check_name(self, path: Path, picture: Path) -> None:
        if not path.stem.isprintable() or len(os.fsencode(path.stem)) > MAX_NAME_BYTES:
            raise UnusableError("name cannot be kept", "it is too long, or holds letters that cannot be printed")
        if first := self._annotation_of.get(plain(path.stem)):
            raise UnusableError("name is taken", f"by {first}")
        if first := self._annotation_of.get(picture):
            raise UnusableError("picture is labelled twice", f"{picture.name} by {first} too")

    def _stored(self, name: str) -> Origin | None:
        """What an example of that name was made of; None if there is none that is whole."""
        if not (annotation_path(self._out, name).is_file() and image_path(self._out, name).is_file()):
            return None
        try:
            read_example(self._out, name)
            origin = read_origin(self._out, name)
        except DataSetError as error:
            raise UnusableError("name is taken", f"by something damaged: {error}") from error
        if origin is None:
            raise UnusableError("name is taken", f"by a picture in {self._out} that was not imported")
        return origin

    def _boxes(self, path: Path, objects: Objects, width_px: int, height_px: int) -> tuple[LabelledBox, ...]:
        """The boxes that can be used; what is wrong with others is reported."""
        boxes = []
        for problem in objects.problems:
            self._report(path, Concerns.OBJECT, problem)
        for box in objects.boxes:
            try:
                inside, doubt = within(box, width_px, height_px)
            except UnusableError as error:
                self._report(path, Concerns.OBJECT, error)
                continue
            if doubt is not None:
                self._report(path, Concerns.USED, doubt)
            boxes.append(inside)
        if not boxes and (objects.boxes or objects.problems):
            raise UnusableError("no object can be used", "without them it would teach that nothing is there")
        self.report.labels.update(box.label for box in boxes)
        self.report.left_out += objects.left_out
        return tuple(boxes)

    def _report(self, path: Path, concerns: Concerns, error: UnusableError) -> None:
        self.report.problems.append(Problem(path, concerns, error.kind, error.detail))


def _read(picture: Path) -> bytes:
    try:
        size = picture.stat().st_size
        if size > MAX_BYTES:
            raise UnusableError("picture is too large", f"{size} bytes; at most {MAX_BYTES}")
        return picture.read_bytes()
    except OSError as error:
        raise UnusableError("picture cannot be read", str(error)) from error
