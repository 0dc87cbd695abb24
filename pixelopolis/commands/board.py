"""`pixelopolis board …`: emulate, ping and watch a controller board."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table

from pixelopolis.errors import UsageError

if TYPE_CHECKING:
    from firmware_bridge.link import DeviceLink

app = typer.Typer(no_args_is_help=True)

Url = Annotated[str, typer.Argument(help="/dev/ttyACM0, a pty, or socket://HOST:PORT")]


@app.command()
def emulate(
    tcp: Annotated[str | None, typer.Option(help="HOST:PORT to listen on; port 0 picks one. Default: a pty.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same faults.")] = 0,
) -> None:
    """Run a board with two motors and a battery until Ctrl-C; prints its URL."""
    import asyncio

    from firmware_bridge.emulator.board import BoardEmulator
    from firmware_bridge.emulator.serve import open_pty, run_in_real_time, serve_tcp

    async def run() -> None:
        emulator = BoardEmulator(seed=seed)
        if tcp is None:
            typer.echo(open_pty(emulator, asyncio.get_running_loop()).path)
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
    """Ask board and motors who they are; changes nothing."""
    from firmware_bridge.link import DeviceLink
    from firmware_bridge.registers import BOARD_ID, BoardRegisters

    link = DeviceLink(url)
    try:
        model = link.ping(BOARD_ID)
        version = link.read(BOARD_ID, BoardRegisters.FIRMWARE_VERSION)
        battery_v = link.read(BOARD_ID, BoardRegisters.BATTERY_MV) / 1000
        typer.echo(f"board {BOARD_ID}: model {model}, firmware {version}, battery {battery_v:.2f} V")
        typer.echo(f"errors: {_errors(link)}")
        for motor_id, text in _motors(link).items():
            typer.echo(f"motor {motor_id}: {text}")
    finally:
        link.close()


@app.command()
def monitor(
    url: Url,
    interval_s: Annotated[float, typer.Option("--interval", min=0.05, help="Seconds between two looks.")] = 0.5,
    count: Annotated[int, typer.Option(min=0, help="How many looks; 0 goes on until Ctrl-C.")] = 0,
) -> None:
    """Watch board, battery and motors; reads only, so it feeds no heartbeat and drives nothing."""
    from firmware_bridge.link import DeviceLink

    link = DeviceLink(url)
    console = Console()
    looks = 0
    try:
        with Live(console=console, auto_refresh=False) as live:
            while True:
                table = _picture(link)
                if console.is_terminal:
                    live.update(table, refresh=True)
                else:
                    console.print(table)
                looks += 1
                if looks == count:
                    return
                time.sleep(interval_s)
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
    finally:
        link.close()


def _errors(link: DeviceLink) -> str:
    from firmware_bridge.registers import BOARD_ID, BoardErrorBits, BoardRegisters

    errors = link.read(BOARD_ID, BoardRegisters.ERRORS)
    names = {
        BoardErrorBits.HOST_LOST: "host lost",
        BoardErrorBits.LOW_BATTERY: "low battery",
        BoardErrorBits.BUS_SILENT: "bus silent",
        BoardErrorBits.EMERGENCY_STOP: "emergency stop",
    }
    return ", ".join(name for bit, name in names.items() if errors & bit) or "none"


def _motors(link: DeviceLink) -> dict[int, str]:
    from firmware_bridge.errors import NotRespondingError
    from firmware_bridge.registers import LEFT_ID, RIGHT_ID, VELOCITY_UNIT_RAD_S, MotorRegisters

    found = {}
    for motor_id in (LEFT_ID, RIGHT_ID):
        try:
            velocity_rad_s = link.read(motor_id, MotorRegisters.PRESENT_VELOCITY) * VELOCITY_UNIT_RAD_S
            temperature_c = link.read(motor_id, MotorRegisters.PRESENT_TEMPERATURE)
            voltage_v = link.read(motor_id, MotorRegisters.PRESENT_VOLTAGE) / 10
            error = link.read(motor_id, MotorRegisters.HARDWARE_ERROR)
            found[motor_id] = f"{velocity_rad_s:+.2f} rad/s, {temperature_c} °C, {voltage_v:.1f} V, error {error:#04x}"
        except NotRespondingError:
            found[motor_id] = "silent (no power, or not connected)"
    return found


def _picture(link: DeviceLink) -> Table:
    from firmware_bridge.registers import BOARD_ID, BoardRegisters, ButtonBits

    power = link.read(BOARD_ID, BoardRegisters.MOTOR_POWER)
    buttons = link.read(BOARD_ID, BoardRegisters.BUTTONS)
    table = Table("what", "value", title=link.url)
    table.add_row("battery", f"{link.read(BOARD_ID, BoardRegisters.BATTERY_MV) / 1000:.2f} V")
    table.add_row("motor power", "on" if power else "off")
    table.add_row("enable button", "out" if buttons & ButtonBits.ENABLE else "pushed in")
    table.add_row("errors", _errors(link))
    table.add_row("uptime", f"{link.read(BOARD_ID, BoardRegisters.UPTIME_MS) / 1000:.1f} s")
    table.add_row("broken packets", str(link.read(BOARD_ID, BoardRegisters.CRC_ERRORS)))
    for motor_id, text in _motors(link).items():
        table.add_row(f"motor {motor_id}", text)
    return table
