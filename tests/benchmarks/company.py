"""Everybody who is measured, alive at the same time."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.benchmarks import sides
from tests.benchmarks.sides import Side


@contextmanager
def company(folder: Path, *, floor: bool, tell: Callable[[str], None]) -> Iterator[list[Side]]:
    """The peer, our office and, where it is wanted, the floor; keeps their data in `folder`.

    Raises:
        AssertionError: one of them does not start.
    """
    with ExitStack() as stack:
        found: list[Side] = []

        def join(side: Side) -> None:
            stack.callback(_end, side)
            found.append(side)

        tell("Starting the peer ...")
        peer, mongo_url = sides.peer(folder / "peer")
        join(peer)
        tell("Starting our office ...")
        join(sides.ours(folder / "ours"))
        if floor:
            tell("Starting the floor ...")
            join(sides.floor(folder / "floor", mongo_url))
        yield found


def _end(side: Side) -> None:
    """Whoever is held still hears no signal but this one."""
    side.family.resume()
    side.stop()
