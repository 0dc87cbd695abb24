"""`pixelopolis board …`: emulate, ping and watch a controller board."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table

from pixelopolis.errors import UsageError

if TYPE_CHECKING:
    from firmware_bridge.link import DeviceLink
    from firmware_bridge.survey import Reading

app = typer.Typer(no_args_is_help=True)

Url = Annotated[str, typer.Argument(help="/dev/ttyACM0, a pty, or socket://HOST:PORT; one that no car is using.")]


@app.command()
def emulate(
    tcp: Annotated[str | None, typer.Option(help="HOST:PORT to listen on; port 0 picks one. Default: a pty.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same faults.")] = 0,
) -> None:
    """Run a board with two motors and a battery until Ctrl-C; prints its URL.

    Type "FAULT on" or "FAULT off" to break and mend it while it runs; an unknown word lists the faults.
    """
    import asyncio

    from firmware_bridge.emulator.board import BoardEmulator
    from firmware_bridge.emulator.named_faults import obey
    from firmware_bridge.emulator.serve import open_pty, run_in_real_time, serve_tcp
    from pixelopolis.console_lines import read_lines

    async def run() -> None:
        emulator = BoardEmulator(seed=seed)
        loop = asyncio.get_running_loop()
        read_lines(lambda line: typer.echo(obey(emulator, line), err=True), loop)
        if tcp is None:
            typer.echo(open_pty(emulator, loop).path)
        else:
            host, _, port = tcp.rpartition(":")
            if not host or not port.isdigit():
                raise UsageError(f"--tcp {tcp}: give HOST:PORT, for example 127.0.0.1:5700")
            server = await serve_tcp(emulator, host, int(port))
            typer.echo(f"socket://{host}:{server.sockets[0].getsockname()[1]}")
        await run_in_real_time(emulator)

    try:
        asyncio.run(run())
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


@app.command()
def ping(url: Url) -> None:
    """Ask board and motors who they are; changes nothing. Exit status 1 if one of them is missing."""
    from firmware_bridge.errors import NotRespondingError
    from firmware_bridge.registers import BOARD_ID
    from firmware_bridge.survey import MOTOR_NAMES

    missing = False
    with _link(url) as link:
        for device_id, name in {BOARD_ID: "board", **MOTOR_NAMES}.items():
            try:
                begun_s = time.perf_counter()
                model = link.ping(device_id)
                answer = f"model {model}, {(time.perf_counter() - begun_s) * 1e3:.1f} ms"
            except NotRespondingError:
                if device_id == BOARD_ID:
                    raise
                missing = True
                answer = "silent: no power, or not connected"
            typer.echo(f"{device_id:>3} {name}: {answer}")
    raise typer.Exit(1 if missing else 0)


@app.command()
def monitor(
    url: Url,
    interval_s: Annotated[float, typer.Option("--interval", min=0.05, help="Seconds between two looks.")] = 0.5,
    count: Annotated[int, typer.Option(min=0, help="How many looks; 0 goes on until Ctrl-C.")] = 0,
) -> None:
    """Watch every register of board and motors; reads only, so it feeds no heartbeat and drives nothing."""
    from firmware_bridge.survey import survey

    console = Console()
    looks = 0
    try:
        with _link(url) as link, Live(console=console, auto_refresh=False, transient=False) as live:
            while True:
                readings = survey(link)
                if console.is_terminal:
                    live.update(_table(readings, url), refresh=True)
                else:
                    for each in readings:
                        typer.echo("\t".join(filter(None, (each.device, each.group, each.name, each.text))))
                looks += 1
                if looks == count:
                    return
                time.sleep(interval_s)
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


@contextmanager
def _link(url: str) -> Iterator[DeviceLink]:
    from firmware_bridge.link import DeviceLink

    link = DeviceLink(url)
    try:
        yield link
    finally:
        link.close()


def _table(readings: list[Reading], title: str) -> Table:
    """Groups as rows, devices side by side."""
    devices = list(dict.fromkeys(each.device for each in readings))
    groups = list(dict.fromkeys(each.group for each in readings))
    table = Table("", *devices, title=title, show_lines=True)
    for group in groups:
        cells = (
            "\n".join(
                f"{each.name}: {each.text}".removeprefix(": ")
                for each in readings
                if (each.device, each.group) == (device, group)
            )
            for device in devices
        )
        table.add_row(group, *cells)
    return table
