"""The ports at which the cars' boards answer: TCP each, and a pseudo-terminal each where a folder for them is given."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from firmware_bridge.emulator.board import BoardEmulator
from firmware_bridge.emulator.serve import Pty, open_pty, serve_tcp


class BoardPorts:
    """Serves every board of `boards`, by car id."""

    def __init__(self, boards: Mapping[str, BoardEmulator]) -> None:
        self.urls: dict[str, str] = {}
        self.ports: dict[str, int] = {}
        self.pty_paths: dict[str, Path] = {}
        self._boards = boards
        self._servers: list[asyncio.Server] = []
        self._ptys: list[Pty] = []

    async def open(self, host: str, first_port: int, pty_dir: Path | None = None) -> None:
        """Listen on `first_port` and the ports after it, one for each car, or on free ones if it is 0.

        With `pty_dir`, a link to each board's pseudo-terminal is put there under the car's id.

        Raises:
            OSError: naming the address or the folder, if it cannot be had.
        """
        for k, (car_id, board) in enumerate(self._boards.items()):
            port = first_port + k if first_port else 0
            try:
                server = await serve_tcp(board, host, port)
            except OSError as error:
                raise OSError(f"cannot listen on {host}:{port} for {car_id}'s board: {error.strerror}") from error
            self._servers.append(server)
            self.ports[car_id] = server.sockets[0].getsockname()[1]
            self.urls[car_id] = f"socket://{host}:{self.ports[car_id]}"
            if pty_dir is not None:
                self._open_pty(car_id, board, pty_dir)

    def close(self) -> None:
        """Stop listening and take the links away."""
        for server in self._servers:
            server.close()
        for pty in self._ptys:
            pty.close()
        for path in self.pty_paths.values():
            path.unlink(missing_ok=True)

    def _open_pty(self, car_id: str, board: BoardEmulator, pty_dir: Path) -> None:
        pty_dir.mkdir(parents=True, exist_ok=True)
        link = pty_dir / car_id
        if link.is_symlink():
            link.unlink()  # left by a simulator that was killed
        pty = open_pty(board, asyncio.get_running_loop())
        self._ptys.append(pty)
        link.symlink_to(pty.path)
        self.pty_paths[car_id] = link
