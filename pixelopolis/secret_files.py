"""Secrets in files, for containers: where `NAME_FILE` is set, the secret `NAME` is what that file holds."""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path

from pixelopolis.errors import UsageError

SECRETS = (
    "PIXELOPOLIS_CAR_KEY",
    "PIXELOPOLIS_OPERATOR_CODE",
    "PIXELOPOLIS_OPERATOR_KEY",
    "PIXELOPOLIS_OPERATOR_PASSWORD",
    "PIXELOPOLIS_STORE",
)


def read_secret_files(environment: MutableMapping[str, str]) -> None:
    """Set each secret whose file is named.

    Raises:
        UsageError: if a secret is given both ways, or its file cannot be read or is empty; names variable and file.
    """
    for name in SECRETS:
        path = environment.get(f"{name}_FILE")
        if not path:
            continue
        if environment.get(name):
            raise UsageError(f"{name} and {name}_FILE are both set; give one of them")
        try:
            text = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{name}_FILE: cannot read {path} ({error})") from error
        if not text:
            raise UsageError(f"{name}_FILE: {path} is empty")
        environment[name] = text
        del environment[f"{name}_FILE"]  # a child of this process gets the secret, and has not to read it again
