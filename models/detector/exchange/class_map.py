"""How classes of other people's annotations become our labels."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from city.plain_yaml import parse_yaml
from models.detector.exchange.problems import UnusableError
from models.detector.pictures.boxes import DataSetError
from models.detector.pictures.labels import label_problem

MAX_BYTES = 1024 * 1024
SHOWN_LETTERS = 40


@dataclass(frozen=True, slots=True)
class ClassMap:
    """What becomes of each class; one that the map does not name must be a known label."""

    known: Sequence[str]
    targets: Mapping[str, str | None] = field(default_factory=dict)
    new: Sequence[str] = ()  # labels of the map that were not known before

    def label_of(self, name: str) -> str | None:
        """The label for a class; None if its objects are to be left out.

        Raises:
            UnusableError: if nobody knows the class.
        """
        if name in self.targets:
            return self.targets[name]
        if name not in self.known:
            raise UnusableError(f"class {shown(name)} is unknown", "give it a label with --classes")
        return name


def read_class_map(path: Path, known: Sequence[str]) -> ClassMap:
    """A YAML file of `their name: our label`, `their name: null` to leave out, `their name: {new: label}`.

    Raises:
        DataSetError: if it cannot be read, or names a label that is not known and not called new.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DataSetError(f"{path}: is too large for a class map; at most {MAX_BYTES} bytes")
        content = parse_yaml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DataSetError(f"{path}: cannot be read as a class map: {error}") from error
    if not isinstance(content, dict) or not content:
        raise DataSetError(f"{path}: must hold lines like 'their name: {known[0]}', and holds none")
    new: dict[str, str] = {}  # by how it reads without capitals
    targets: dict[str, str | None] = {}
    for name, target in content.items():
        if not isinstance(name, str):
            raise DataSetError(f"{path}: {name!r} is no name; put it into quotes: '{name}': …")
        targets[name] = _target(path, name, target, known, new)
    return ClassMap(known, targets, tuple(new.values()))


def shown(name: str) -> str:
    """A name for messages, however long and odd it is."""
    return repr(name if len(name) <= SHOWN_LETTERS else name[: SHOWN_LETTERS - 1] + "…")


def _target(path: Path, name: str, target: object, known: Sequence[str], new: dict[str, str]) -> str | None:
    if target is None or (isinstance(target, str) and target in known):
        return target
    if isinstance(target, str):
        near = difflib.get_close_matches(target, known, 1, 0.5)
        hint = f"did you mean {near[0]}? " if near else f"known are {', '.join(known)}. "
        raise DataSetError(
            f"{path}: {shown(name)}: there is no label {shown(target)}; {hint}"
            "A label of your own is written {new: NAME}"
        )
    if not isinstance(target, dict) or set(target) != {"new"} or not isinstance(target["new"], str):
        raise DataSetError(f"{path}: {shown(name)}: must be a label, null to leave it out, or {{new: NAME}}")
    return _new_label(path, name, target["new"], known, new)


def _new_label(path: Path, name: str, label: str, known: Sequence[str], new: dict[str, str]) -> str:
    if label in known:
        return label
    problem = label_problem(label)
    if problem:
        raise DataSetError(f"{path}: {shown(name)}: {shown(label)} cannot be a label: {problem}")
    # Two labels that differ by capitals alone are a slip, and two files that nobody can tell apart.
    alike = next((other for other in known if other.casefold() == label.casefold()), None)
    first = new.setdefault(label.casefold(), label)
    if alike or first != label:
        raise DataSetError(f"{path}: {shown(name)}: {label!r} differs from {alike or first!r} by capitals only")
    return label
