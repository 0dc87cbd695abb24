"""Finding and reading city files."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from city.build import build_city
from city.circuit import random_circuit_document
from city.city import City
from city.document import FORMAT, CityDocument
from city.errors import CityError
from city.generate import random_city_document
from city.plain_yaml import parse_yaml

SHIPPED = ("pixelopolis", "straight", "square", "curvy")
MAX_BYTES = 16 * 1024 * 1024
_RANDOM = re.compile(r"random:(\d{1,9})(?::(\d{1,2})x(\d{1,2}))?")
_CIRCUIT = re.compile(r"circuit:(\d{1,9})")
FEWEST_STREETS = 2


def load_city(name_or_path: str) -> City:
    """Load a shipped city, `random:SEED`, `random:SEED:COLUMNSxROWS`, `circuit:SEED`, or a file.

    Raises:
        CityError: if it cannot be read or is wrong; says where and why.
    """
    return parse_city(city_text(name_or_path), source=name_or_path)


def city_text(name_or_path: str) -> str:
    """The YAML text of a city, unchecked.

    Raises:
        CityError: if there is no such city, or the file cannot be read or is too large.
    """
    if name_or_path in SHIPPED:
        return (files("city") / "cities" / f"{name_or_path}.yaml").read_text(encoding="utf-8")
    if match := _RANDOM.fullmatch(name_or_path):
        return _dumped(random_city_document(int(match[1]), *_streets(name_or_path, match)))
    if match := _CIRCUIT.fullmatch(name_or_path):
        return _dumped(random_circuit_document(int(match[1])))
    path = Path(name_or_path)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise CityError(name_or_path, "", f"{size} bytes is too large for a city file; at most {MAX_BYTES}")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        hint = f"give a file, random:SEED, random:SEED:10x20, circuit:SEED, or one of {', '.join(SHIPPED)}"
        raise CityError(name_or_path, "", f"cannot be read ({error}); {hint}") from error


def _streets(name: str, match: re.Match[str]) -> tuple[int, ...]:
    """Columns and rows of streets, if the name of a random city says how many."""
    if match[2] is None:
        return ()
    streets = int(match[2]), int(match[3])
    if min(streets) < FEWEST_STREETS:
        raise CityError(name, "", f"a random city has {FEWEST_STREETS} columns and {FEWEST_STREETS} rows or more")
    return streets


def _dumped(document: dict[str, Any]) -> str:
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True)


def parse_city(text: str, source: str) -> City:
    """Check and build a city from YAML text.

    Raises:
        CityError: naming `source` and the key.
    """
    if len(text) > MAX_BYTES:
        raise CityError(source, "", f"{len(text)} characters is too large for a city file; at most {MAX_BYTES}")
    try:
        content = parse_yaml(text)
    except yaml.YAMLError as error:
        raise CityError(source, "", f"is not YAML that a city file may hold: {error}") from error
    if not isinstance(content, dict):
        raise CityError(source, "", f"must be a mapping with 'format: {FORMAT}', not {type(content).__name__}")
    try:
        document = CityDocument.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        raise CityError(
            source, _key(first["loc"]), f"{_sentence(first['type'], first['msg'], first['input'])}{more}"
        ) from error
    return build_city(document, source)


def _key(location: tuple[int | str, ...]) -> str:
    key = ""
    for part in location:
        if isinstance(part, int):
            key += f"[{part}]"
        elif part not in ("Straight", "Turn", "BlendTo"):  # names of union members, not keys
            key += f".{part}" if key else part
    return key


def _sentence(kind: str, message: str, value: object) -> str:
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        return "is not a key that belongs here"
    shown = repr(value)
    return f"{message[0].lower()}{message[1:]}, not {shown if len(shown) <= 60 else shown[:57] + '…'}"
