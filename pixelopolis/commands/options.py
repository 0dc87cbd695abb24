"""What several commands have in common: words, and how their options go together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pixelopolis.errors import UsageError

CITY_HELP = "pixelopolis, straight, square, curvy, random:SEED, random:SEED:COLUMNSxROWS, circuit:SEED, or a file."
IN_SIMULATOR = "the simulator"


def refuse_conflicts(given: set[str], options: Mapping[str, Sequence[str]]) -> None:
    """Check that the options that were given go together.

    Args:
        given: the options that were typed.
        options: what goes with each source of data; what comes from `IN_SIMULATOR` needs no option that says so.

    Raises:
        UsageError: if two of them do not; names both.
    """
    sources = [source for source in options if source in given]
    if len(sources) > 1:
        raise UsageError(f"{sources[0]} and {sources[1]} exclude each other; give one of them")
    source = sources[0] if sources else IN_SIMULATOR
    for option in sorted(given - {source} - set(options[source])):
        if sources:
            raise UsageError(f"{option} does not go with {source}; leave one of them out")
        owner = next(other for other, belonging in options.items() if option in belonging)
        raise UsageError(f"{option} goes with {owner} only; give {owner} too or leave {option} out")
