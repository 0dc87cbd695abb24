"""YAML by hand: what is refused, and that nothing brings the process down."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from city.errors import CityError
from city.files import parse_city
from city.plain_yaml import MAX_DEPTH, parse_yaml

words = st.text(st.characters(min_codepoint=32, max_codepoint=126) | st.sampled_from("äß東京"))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: st.lists(inner) | st.dictionaries(words, inner),
)


@given(values)
def test_what_is_written_is_read(value: object) -> None:
    plain = yaml.dump(value, Dumper=_NoAliases, allow_unicode=True)
    assert parse_yaml(plain) == value


class _NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\na: 2", "a key stands twice"),
        ("a: &x [1]\nb: *x", "aliases"),
        ("a: 2024-13-45", "month"),
        ("{[a]: b}", "unhashable"),
        ("!!python/object:os.system a", "could not determine a constructor"),
        ("a: [", "expected"),
        *((opening * 100_000, "nested too deeply") for opening in ("[", "{a: ", "- ", "? ")),
    ],
)
def test_what_is_not_plain_data_is_refused(text: str, said: str) -> None:
    with pytest.raises(yaml.YAMLError, match=said):
        parse_yaml(text)


def test_reasonable_nesting_is_fine() -> None:
    assert parse_yaml("[" * MAX_DEPTH + "]" * MAX_DEPTH) is not None


@pytest.mark.parametrize("text", ["[" * 100_000, "name: 2024-13-45"])
def test_a_city_file_that_cannot_be_read_is_named(text: str) -> None:
    with pytest.raises(CityError, match=r"mine\.yaml: is not YAML that a city file may hold"):
        parse_city(text, "mine.yaml")
