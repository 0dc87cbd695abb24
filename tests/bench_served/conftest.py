"""A database server for races of two servers."""

from __future__ import annotations

from tests.server.conftest import stand_in

__all__ = ["stand_in"]
