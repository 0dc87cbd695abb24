"""`pixelopolis operator …`: log in, let devices in and out, stop and send cars, see what was done."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from fleet.access import CODE_VALID_S, SHORTEST_PASSWORD, Role
from pixelopolis.commands.operator_acts import DEFAULT_SERVER, ServerUrl, add_acts

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Option("--name", help="The operator's name.")]
PASSWORD_VARIABLE = "PIXELOPOLIS_OPERATOR_PASSWORD"  # noqa: S105  # where it is, not what it is
_MINUTE_S = 60


@app.command()
def enrol(
    name: Name,
    code: Annotated[str, typer.Option(help="One-time code: the server's first words, or of another operator.")],
    server: ServerUrl = DEFAULT_SERVER,
) -> None:
    """Become an operator with a one-time code, or get a new password, and log in."""
    from pixelopolis.operator_client import OperatorClient

    body = {"name": name, "code": code, "password": _password(is_new=True)}
    OperatorClient(server).open_session("/api/operators", body)
    typer.echo(f"{name} is an operator of {server} and logged in")


@app.command()
def login(name: Name, server: ServerUrl = DEFAULT_SERVER) -> None:
    """Log in; the session ends after 12 hours, or by `logout`."""
    from pixelopolis.operator_client import OperatorClient

    OperatorClient(server).open_session("/api/sessions", {"name": name, "password": _password(is_new=False)})
    typer.echo(f"{name} is logged in at {server}")


@app.command()
def logout(server: ServerUrl = DEFAULT_SERVER) -> None:
    """End the session."""
    from pixelopolis.operator_client import OperatorClient

    OperatorClient(server).close_session()
    typer.echo(f"logged out at {server}")


@app.command()
def code(
    role: Annotated[Role, typer.Argument(help="car, station or operator.")],
    name: Annotated[
        str | None, typer.Argument(help="A car's or station's id; needed to replace the key of one that is enrolled.")
    ] = None,
    minutes: Annotated[float, typer.Option(min=1, max=24 * 60, help="How long it can be used.")] = CODE_VALID_S
    / _MINUTE_S,
    server: ServerUrl = DEFAULT_SERVER,
) -> None:
    """Issue a one-time code with which a car, a station or another operator enrols."""
    from pixelopolis.operator_client import OperatorClient

    body = {"role": role, "name": name, "valid_s": minutes * _MINUTE_S}
    issued = OperatorClient(server).call("POST", "/api/operator/codes", body)
    typer.echo(issued["code"])
    typer.echo(_how_to_use(role, name, issued["code"], server), err=True)


def _how_to_use(role: Role, name: str | None, text: str, server: str) -> str:
    if role is Role.STATION:
        query = "" if name is None else f"?station={name}"
        return f"type it at the station, or open there: {server}/{query}#code={text}"
    option = f"car enrol --id {name or 'CAR'}" if role is Role.CAR else f"operator enrol --name {name or 'NAME'}"
    return f"there: pixelopolis {option} --server {server} --code {text}"


@app.command()
def enrolled(server: ServerUrl = DEFAULT_SERVER) -> None:
    """List the cars and stations that hold a key, and the operators."""
    from rich.console import Console
    from rich.table import Table

    from pixelopolis.operator_client import OperatorClient

    table = Table("role", "name", "since")
    for each in OperatorClient(server).call("GET", "/api/operator/enrolled"):
        table.add_row(each["role"], each["name"], _moment(each["since_unix_s"]))
    Console().print(table)


@app.command()
def revoke(
    role: Annotated[Role, typer.Argument(help="car, station or operator.")],
    name: Annotated[str, typer.Argument(help="Its id or name.")],
    server: ServerUrl = DEFAULT_SERVER,
) -> None:
    """Make a key void at once: a car stops, a station has to enrol again, an operator is none any more."""
    from pixelopolis.operator_client import OperatorClient

    OperatorClient(server).call("DELETE", f"/api/operator/enrolled/{role}/{name}")
    typer.echo(f"the key of {role} {name} is void")


@app.command()
def audit(
    count: Annotated[int, typer.Option(min=1, max=500, help="How many entries.")] = 50,
    server: ServerUrl = DEFAULT_SERVER,
) -> None:
    """Show what operators did, newest first."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from pixelopolis.operator_client import OperatorClient

    table = Table("when", "operator", "what", "")
    for entry in OperatorClient(server).call("GET", f"/api/operator/audit?limit={count}"):
        table.add_row(_moment(entry["at_unix_s"]), entry["operator"], entry["kind"], escape(entry["detail"]))
    Console().print(table)


def _moment(unix_s: float) -> str:
    return datetime.fromtimestamp(unix_s).astimezone().isoformat(" ", "seconds")


def _password(*, is_new: bool) -> str:
    """From the environment, else asked for; never an option, which other users of the machine could read."""
    import os

    given = os.environ.get(PASSWORD_VARIABLE)
    if given is not None:
        return given
    words = f"Password (at least {SHORTEST_PASSWORD} characters)" if is_new else "Password"
    return str(typer.prompt(words, hide_input=True, confirmation_prompt=is_new))


add_acts(app)
