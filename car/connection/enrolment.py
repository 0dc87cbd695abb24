"""A car's own key: how it comes by it, and where it keeps it."""

from __future__ import annotations

import os
from http import HTTPStatus
from pathlib import Path

from pydantic import ValidationError

from car.connection.server_call import call_server, reason_of
from fleet.access import EnrolmentRequest, KeyView, Role
from fleet.key_file import key_path, read_key, write_key

ENROLMENTS_PATH = "/api/enrolments"
KEY_VARIABLE = "PIXELOPOLIS_CAR_KEY"


class EnrolmentError(RuntimeError):
    """A car that has no key; the message says how it gets one."""


def enrol_car(server_url: str, car_id: str, code: str) -> Path:
    """Change a one-time code for a key and keep it; the file that holds it.

    Raises:
        EnrolmentError: if the server refuses.
        OSError: if the server does not answer, or the file cannot be written.
    """
    request = EnrolmentRequest(role=Role.CAR, name=car_id, code=code)
    headers = {"Content-Type": "application/json"}
    status, text = call_server(server_url, "POST", ENROLMENTS_PATH, body=request.model_dump_json(), headers=headers)
    if status != HTTPStatus.OK:
        raise EnrolmentError(f"server {server_url}: does not enrol {car_id}: {reason_of(text) or status}")
    try:
        key = KeyView.model_validate_json(text).key
    except ValidationError as error:
        raise EnrolmentError(f"server {server_url}: answered with something else than a key") from error
    path = key_path(car_id, server_url)
    write_key(path, key)
    return path


def car_key(server_url: str, car_id: str) -> str:
    """The car's key: from the environment, else from its file.

    Raises:
        EnrolmentError: if there is none.
        OSError: if the file cannot be read, or others can read it.
    """
    path = key_path(car_id, server_url)
    key = os.environ.get(KEY_VARIABLE) or read_key(path)
    if not key:
        raise EnrolmentError(
            f"{car_id} has no key for {server_url} (looked for {path} and {KEY_VARIABLE}): ask an operator for a code, "
            f"then run: pixelopolis car enrol --id {car_id} --server {server_url} --code CODE"
        )
    return key
