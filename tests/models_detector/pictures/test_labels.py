"""The list of labels that goes with a data set."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.detector.pictures.boxes import DataSetError
from models.detector.pictures.labels import (
    LABELS,
    MAX_LABELS,
    add_labels,
    label_problem,
    labels_path,
    read_labels,
    united,
)

names = st.text(min_size=1, max_size=20).filter(lambda text: label_problem(text) is None)


def test_a_folder_that_does_not_say_has_the_catalogue_and_cars(tmp_path: Path) -> None:
    assert read_labels(tmp_path) == LABELS
    assert LABELS[-1] == "Car"


def test_new_labels_come_behind_those_that_are_there(tmp_path: Path) -> None:
    assert add_labels(tmp_path, ["Giraffe", "Go"]) == (*LABELS, "Giraffe")
    assert add_labels(tmp_path, ["博物館", "Giraffe"]) == (*LABELS, "Giraffe", "博物館")
    assert read_labels(tmp_path) == (*LABELS, "Giraffe", "博物館")
    assert labels_path(tmp_path).read_text(encoding="utf-8").splitlines()[-2:] == ["Giraffe", "博物館"]
    assert [path.name for path in tmp_path.iterdir()] == ["labels.txt"]


def test_the_list_is_written_even_where_it_says_what_is_usual(tmp_path: Path) -> None:
    add_labels(tmp_path, LABELS)
    assert labels_path(tmp_path).read_text(encoding="utf-8") == "\n".join(LABELS) + "\n"


def test_a_list_of_ones_own_stays_as_it_is(tmp_path: Path) -> None:
    labels_path(tmp_path).write_bytes(b"\xef\xbb\xbfOnly_this\r\nAnd_that\r\n")  # as an editor on Windows saves it
    assert read_labels(tmp_path) == ("Only_this", "And_that")
    assert add_labels(tmp_path, ["Third"]) == ("Only_this", "And_that", "Third")


@given(st.lists(st.lists(names, unique=True)))
def test_a_union_has_every_label_once_and_keeps_the_numbers_of_the_first_list(lists: list[list[str]]) -> None:
    labels = united(lists)
    assert len(set(labels)) == len(labels)
    assert set(labels) == {label for one in lists for label in one}
    if lists:
        assert list(labels[: len(lists[0])]) == lists[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds 0 labels"),
        (b"Go\n\nSlow\n", "line 2: '' cannot be a label: it is empty"),
        (b"Go\nSlow\nGo\n", "line 3: 'Go' cannot be a label: it stands there twice"),
        (b"Go\n Slow\n", "line 2: ' Slow'"),
        (b"Go\x07\n", "cannot be printed"),
        (b"G" * 65 + b"\n", "longer than 64"),
        (b"\xff\xfe\n", "cannot be read"),
        (b"".join(b"%d\n" % k for k in range(MAX_LABELS + 1)), "holds 1001 labels"),
    ],
)
def test_a_wrong_list_is_named_with_its_line(tmp_path: Path, content: bytes, said: str) -> None:
    labels_path(tmp_path).write_bytes(content)
    with pytest.raises(DataSetError, match=said) as caught:
        read_labels(tmp_path)
    assert str(labels_path(tmp_path)) in str(caught.value)
    with pytest.raises(DataSetError, match=said):
        add_labels(tmp_path, ["New"])
    assert labels_path(tmp_path).read_bytes() == content
