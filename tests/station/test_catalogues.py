"""The catalogues of texts: complete, used, with every plural category of their language, and the same placeholders."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from city.files import SHIPPED, load_city
from station import static_dir
from tests.station.double import CityDouble
from tests.station.serving import RunningDouble

LOCALES = static_dir() / "locales"
LITERAL = re.compile(r'"([a-z]+(?:\.[a-z_]+)+)"')
# Keys of the browser's storage, and a kind of entry in the audit log.
OTHER_DOTTED_TEXTS = {"pixelopolis.device", "pixelopolis.operators_language", "operator.call"}
FOLDERS = ("", "operators")  # the visitors' texts, and those that the operators' page adds to them
PLURALS = {"": 6, "operators": 0}
CITIES = (*SHIPPED, "random:1", "circuit:1")
READ_ALL = """
async (catalogues) => {
  const { parseMessage } = await import("/static/js/i18n.js");
  const read = (parts) => parts.flatMap((part) => {
    if (typeof part === "string" || part.count) return [];
    const labels = part.branches ? Object.keys(part.branches) : [];
    return [{ name: part.name, labels }, ...labels.flatMap((label) => read(part.branches[label]))];
  });
  return Object.entries(catalogues).map(([tag, texts]) => [tag, {
    categories: new Intl.PluralRules(tag).resolvedOptions().pluralCategories,
    placeholders: Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, read(parseMessage(text))])),
  }]);
}
"""


def _texts(tag: str, folder: str = "") -> dict[str, str]:
    texts = json.loads((LOCALES / folder / f"{tag}.json").read_text("utf-8"))
    assert isinstance(texts, dict)
    return texts


def _languages() -> list[dict[str, str]]:
    languages = json.loads((LOCALES / "index.json").read_text("utf-8"))
    assert isinstance(languages, list)
    return languages


TAGS = [language["tag"] for language in _languages()]


@dataclass(frozen=True)
class Placeholder:
    """`{name}`, or a plural of `name` with the labels of its branches."""

    name: str
    labels: frozenset[str]


@dataclass(frozen=True)
class Catalogue:
    """One language as the page itself reads it: CLDR's plural categories, and each message's placeholders."""

    categories: frozenset[str]
    placeholders: dict[str, set[Placeholder]]


@pytest.fixture(scope="module", params=FOLDERS)
def folder(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def catalogues(browser: Browser, folder: str) -> dict[str, Catalogue]:
    server = RunningDouble(CityDouble())
    page = browser.new_page()
    page.goto(f"{server.url}static/locales/index.json")
    read = dict(page.evaluate(READ_ALL, {tag: _texts(tag, folder) for tag in TAGS}))
    page.close()
    server.stop()
    return {tag: _catalogue(found) for tag, found in read.items()}


def _catalogue(found: dict[str, Any]) -> Catalogue:
    placeholders = {
        key: {Placeholder(one["name"], frozenset(one["labels"])) for one in listed}
        for key, listed in found["placeholders"].items()
    }
    return Catalogue(frozenset(found["categories"]), placeholders)


def _sources(folder: str = "") -> list[Path]:
    """Of the visitors' page, or what the operators' page has besides."""
    scripts = static_dir() / "js"
    if folder:
        return sorted((scripts / folder).rglob("*.js"))
    return [*(path for path in scripts.rglob("*.js") if "operators" not in path.parts), static_dir() / "index.html"]


def _literals(folder: str) -> set[str]:
    return {key for path in _sources(folder) for key in LITERAL.findall(path.read_text("utf-8"))} - OTHER_DOTTED_TEXTS


@pytest.mark.parametrize("of", FOLDERS)
def test_index_lists_every_catalogue(of: str) -> None:
    assert sorted(TAGS) == sorted(path.stem for path in (LOCALES / of).glob("*.json") if path.stem != "index")


@pytest.mark.parametrize("of", FOLDERS)
@pytest.mark.parametrize("tag", TAGS)
def test_same_keys_as_english_in_the_same_order(tag: str, of: str) -> None:
    assert list(_texts(tag, of)) == list(_texts("en", of))
    assert [key for key, text in _texts(tag, of).items() if text != text.strip() or not text] == []


@pytest.mark.parametrize("tag", TAGS)
def test_same_placeholders_as_english(catalogues: dict[str, Catalogue], tag: str) -> None:
    def names(placeholders: set[Placeholder]) -> set[tuple[str, bool]]:
        return {(one.name, bool(one.labels)) for one in placeholders}

    for key, english in catalogues["en"].placeholders.items():
        assert names(catalogues[tag].placeholders[key]) == names(english), key


@pytest.mark.parametrize("tag", TAGS)
def test_every_plural_has_every_category_of_its_language(
    catalogues: dict[str, Catalogue], folder: str, tag: str
) -> None:
    catalogue = catalogues[tag]
    plurals = [(key, one.labels) for key, found in catalogue.placeholders.items() for one in found if one.labels]
    assert len(plurals) == PLURALS[folder]
    for key, labels in plurals:
        assert {label for label in labels if not label.startswith("=")} == catalogue.categories, key


def test_arabic_has_its_six_categories(catalogues: dict[str, Catalogue]) -> None:
    assert catalogues["ar"].categories == {"zero", "one", "two", "few", "many", "other"}


def test_no_missing_no_unused_and_no_unknown_key() -> None:
    assert _literals("") == set(_texts("en"))
    assert _literals("operators") - set(_texts("en")) == set(_texts("en", "operators"))


def test_operators_texts_replace_none_of_the_visitors() -> None:
    assert not set(_texts("en")) & set(_texts("en", "operators"))


def test_no_texts_outside_the_catalogues() -> None:
    for path in [*_sources(), *_sources("operators"), static_dir() / "operators.html"]:
        code = re.sub(r"/\*.*?\*/|//.*", "", path.read_text("utf-8"), flags=re.DOTALL)
        assert not re.search(r"[\u0600-\u06ff\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff]", code), path.name
        assert not re.search(r'(alt|title|aria-label)="[A-Za-z]', code), path.name


@pytest.mark.parametrize("city", CITIES)
def test_places_are_named_in_every_language(city: str) -> None:
    for place in load_city(city).places.values():
        assert set(place.names) == set(TAGS), place.id
