"""The files themselves: there, small, and without anything a strict content security policy would refuse."""

from __future__ import annotations

import re
from pathlib import Path

from city.files import load_city
from station import static_dir

LARGEST_TOTAL_BYTES = 220_000
LARGEST_OPERATORS_BYTES = 230_000  # what their page has besides
REFERENCE = re.compile(r"[\"'(](/static/[\w./-]+\.\w+)")
IMPORT = re.compile(r'from "(\.[\w./]+)"')


def _files(pattern: str) -> list[Path]:
    return sorted(static_dir().glob(pattern))


def test_pages_are_small() -> None:
    sizes = {path: path.stat().st_size for path in static_dir().rglob("*") if path.is_file()}
    of_operators = sum(size for path, size in sizes.items() if "operators" in str(path.relative_to(static_dir())))
    assert of_operators < LARGEST_OPERATORS_BYTES
    assert sum(sizes.values()) - of_operators < LARGEST_TOTAL_BYTES


def test_everything_referred_to_exists() -> None:
    for path in [*_files("*.html"), *_files("css/*.css"), *_files("js/**/*.js")]:
        text = path.read_text("utf-8")
        for reference in REFERENCE.findall(text):
            assert (static_dir() / reference.removeprefix("/static/")).is_file(), f"{path.name}: {reference}"
        for module in IMPORT.findall(text):
            assert (path.parent / module).is_file(), f"{path.name}: {module}"


def test_no_file_from_another_host() -> None:
    namespace = "http://www.w3.org/2000/svg"
    for path in static_dir().rglob("*.*"):
        text = path.read_text("utf-8").replace(namespace, "")
        assert not re.search(r"https?://|[\"'(]//", text), path.name


def test_nothing_inline() -> None:
    for page in _files("*.html"):
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page.read_text("utf-8")), page.name
    for path in _files("pictures/*.svg"):
        assert not re.search(r"<style|\sstyle=|<script", path.read_text("utf-8")), path.name


def test_every_place_of_the_default_city_has_its_own_picture() -> None:
    for place_id in load_city("pixelopolis").places:
        picture = static_dir() / "pictures" / f"{place_id}.svg"
        assert picture.is_file(), place_id
        assert f'"{place_id}"' in (static_dir() / "js" / "places.js").read_text("utf-8")
