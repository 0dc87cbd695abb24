"""Errors of the command line."""

from __future__ import annotations


class UsageError(ValueError):
    """What was typed cannot be done; the message says what to type instead."""
