"""The catalogues of texts: complete, used, and with the same placeholders in every language."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from station import static_dir

LOCALES = static_dir() / "locales"
PLACEHOLDER = re.compile(r"\{(\w+)[,}]")
LITERAL = re.compile(r'"([a-z]+(?:\.[a-z_]+)+)"')


def _catalogue(tag: str) -> dict[str, str]:
    texts = json.loads((LOCALES / f"{tag}.json").read_text("utf-8"))
    assert isinstance(texts, dict)
    return texts


def _tags() -> list[str]:
    return [language["tag"] for language in json.loads((LOCALES / "index.json").read_text("utf-8"))]


def _sources() -> list[Path]:
    return [*static_dir().glob("js/**/*.js"), static_dir() / "index.html"]


def _keys_in_sources() -> set[str]:
    namespaces = {key.split(".")[0] for key in _catalogue("en")}
    literals = {key for path in _sources() for key in LITERAL.findall(path.read_text("utf-8"))}
    return {key for key in literals if key.split(".")[0] in namespaces}


def test_index_lists_every_catalogue() -> None:
    assert sorted(_tags()) == sorted(path.stem for path in LOCALES.glob("*.json") if path.stem != "index")


@pytest.mark.parametrize("tag", _tags())
def test_same_keys_and_placeholders_as_english(tag: str) -> None:
    english, other = _catalogue("en"), _catalogue(tag)
    assert list(other) == list(english)
    for key, text in english.items():
        assert set(PLACEHOLDER.findall(other[key])) == set(PLACEHOLDER.findall(text)), key
        assert other[key].strip(), key


@pytest.mark.parametrize("tag", _tags())
def test_every_plural_has_a_general_branch(tag: str) -> None:
    for key, text in _catalogue(tag).items():
        assert text.count(", plural,") == text.count("other {"), key


def test_no_missing_and_no_unused_key() -> None:
    assert _keys_in_sources() == set(_catalogue("en"))


def test_no_texts_outside_the_catalogues() -> None:
    for path in _sources():
        code = re.sub(r"/\*.*?\*/|//.*", "", path.read_text("utf-8"), flags=re.DOTALL)
        assert not re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", code), path.name
        assert not re.search(r'(alt|title|aria-label)="[A-Za-z]', code), path.name
