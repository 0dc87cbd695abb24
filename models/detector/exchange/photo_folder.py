"""A folder of labelled photos: which annotations there are, and which picture each of them is about."""

from __future__ import annotations

import unicodedata
from pathlib import Path, PureWindowsPath

ANNOTATIONS, PICTURES = "Annotations", "JPEGImages"
PICTURE_ENDS = (".jpg", ".jpeg", ".png")


class PhotoFolder:
    """Annotations lie in the folder or in `Annotations/`, pictures beside them, in `JPEGImages/` or in the folder.

    Names match whatever their capitals and however their accents are composed: files go from system to system.
    """

    def __init__(self, folder: Path) -> None:
        """Look what is there; later changes are not seen."""
        self._folder = folder
        self._files = {place: _files(place) for place in (folder, folder / ANNOTATIONS, folder / PICTURES)}

    def annotations(self) -> list[Path]:
        """All annotations, by path."""
        places = (self._folder, self._folder / ANNOTATIONS)
        return sorted(path for place in places for path in _all(self._files[place]) if path.suffix.lower() == ".xml")

    def pictures(self) -> set[Path]:
        """All files that are called like pictures."""
        files = (path for place in self._files.values() for path in _all(place))
        return {path for path in files if path.suffix.lower() in PICTURE_ENDS}

    def picture_of(self, annotation: Path, told: str) -> Path | None:
        """The picture of an annotation, by the annotation's own name or by the file name that it tells.

        Folders that are told are those of whoever labelled it, so only the last part of the name counts.
        """
        told_name = PureWindowsPath(told).name  # takes both kinds of slashes
        own = [annotation.stem + end for end in PICTURE_ENDS]
        # Old versions of labelImg leave the end of the name away.
        others = [told_name, *(told_name + end for end in PICTURE_ENDS)] if told_name else []
        # The annotation's own name comes first: a picture may have been called otherwise when it was labelled.
        same = plain(told_name) in map(plain, own)
        for place in dict.fromkeys((annotation.parent, self._folder / PICTURES, self._folder)):
            for name in others + own if same else own + others:
                found = self._files[place].get(plain(name))
                if found:
                    return next((path for path in found if path.name == name), found[0])
        return None


def plain(name: str) -> str:
    """A name as it is compared."""
    return unicodedata.normalize("NFC", name).casefold()


def _files(folder: Path) -> dict[str, list[Path]]:
    """Files by name, without hidden ones, such as macOS leaves beside each file on sticks."""
    files: dict[str, list[Path]] = {}
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            if not path.name.startswith(".") and path.is_file():
                files.setdefault(plain(path.name), []).append(path)
    return files


def _all(files: dict[str, list[Path]]) -> list[Path]:
    return [path for alike in files.values() for path in alike]
