"""Secrets in files, as containers get them."""

from pathlib import Path

import pytest

from pixelopolis.errors import UsageError
from pixelopolis.secret_files import read_secret_files


def test_a_named_file_becomes_the_secret(tmp_path: Path) -> None:
    (tmp_path / "code").write_text("7K2M-Q4XD-9TRB\n")
    environment = {"PIXELOPOLIS_OPERATOR_CODE_FILE": str(tmp_path / "code"), "OTHER_FILE": "/nowhere"}
    read_secret_files(environment)
    assert environment["PIXELOPOLIS_OPERATOR_CODE"] == "7K2M-Q4XD-9TRB"
    assert "OTHER" not in environment
    read_secret_files(environment)  # as a child of this process does


def test_without_files_nothing_changes() -> None:
    environment = {"PIXELOPOLIS_STORE": "sqlite:x", "PIXELOPOLIS_STORE_FILE": ""}
    read_secret_files(environment)
    assert environment["PIXELOPOLIS_STORE"] == "sqlite:x"


def test_a_secret_in_two_places_is_refused(tmp_path: Path) -> None:
    environment = {"PIXELOPOLIS_STORE": "sqlite:x", "PIXELOPOLIS_STORE_FILE": str(tmp_path / "url")}
    with pytest.raises(UsageError, match="PIXELOPOLIS_STORE and PIXELOPOLIS_STORE_FILE are both set"):
        read_secret_files(environment)


def test_files_that_cannot_be_read_or_are_empty_are_named(tmp_path: Path) -> None:
    path = tmp_path / "key"
    with pytest.raises(UsageError, match=f"PIXELOPOLIS_CAR_KEY_FILE: cannot read {path}"):
        read_secret_files({"PIXELOPOLIS_CAR_KEY_FILE": str(path)})
    path.write_text("\n")
    with pytest.raises(UsageError, match=f"{path} is empty"):
        read_secret_files({"PIXELOPOLIS_CAR_KEY_FILE": str(path)})
