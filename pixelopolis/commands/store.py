"""`pixelopolis store`: back up what a server keeps, and restore it, into whatever kind of store."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixelopolis.errors import UsageError

if TYPE_CHECKING:
    from server.store.backup import Entry

app = typer.Typer(no_args_is_help=True)

StoreUrl = Annotated[
    str | None,
    typer.Option(
        "--store", envvar="PIXELOPOLIS_STORE", help="As of `pixelopolis server`; without it, a file of this user's."
    ),
]
_STANDARD = "-"
_PRIVATE = 0o600


@app.command()
def backup(
    file: Annotated[str, typer.Argument(help="A new file, which only this user can read; - for standard output.")],
    store: StoreUrl = None,
) -> None:
    """Write all that is stored into a file. With MongoDB, servers may go on; with SQLite, stop the server first.

    The file holds the hashes of keys and passwords: keep it as you keep the store.
    """
    import asyncio

    from server.store.backup import write_backup
    from server.store.base import StoreError
    from server.store.open import default_store_url
    from server.store.reading import entries

    url = store or default_store_url()
    try:
        if file == _STANDARD:
            counts = asyncio.run(write_backup(entries(url), sys.stdout))
        else:
            counts = _whole_file(Path(file), url)
    except StoreError as error:
        raise UsageError(str(error)) from error
    typer.echo(f"backed up {_listed(counts)}", err=True)


def _whole_file(path: Path, url: str) -> Counter[str]:
    """A backup in a file that is there as a whole or not at all."""
    import asyncio

    from server.store.backup import write_backup
    from server.store.reading import entries

    if path.exists():
        raise UsageError(f"{path}: exists already; choose another name")
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            counts = asyncio.run(write_backup(entries(url), opened))
            os.fsync(opened.fileno())
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
    return counts


@app.command()
def restore(
    file: Annotated[str, typer.Argument(help="Of `store backup`; - for standard input.")],
    store: StoreUrl = None,
) -> None:
    """Fill an empty store with what is in a file. Stop all its servers first, and start them while all cars stand."""
    import asyncio

    from server.store.backup import read_backup
    from server.store.base import StoreError
    from server.store.open import default_store_url

    is_piped = file == _STANDARD
    try:
        text = sys.stdin.read() if is_piped else Path(file).read_text("utf-8")
        entries = list(read_backup(text.splitlines(), "standard input" if is_piped else file))
        counts = asyncio.run(_restored(entries, store or default_store_url()))  # a whole backup, or nothing
    except StoreError as error:
        raise UsageError(str(error)) from error
    typer.echo(f"restored {_listed(counts)}", err=True)


async def _restored(entries: list[Entry], url: str) -> Counter[str]:
    from server.store.open import open_store
    from server.store.restoring import restore

    opened = await open_store(url)
    try:
        return await restore(opened, entries)
    finally:
        await opened.close()


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "an empty store"
