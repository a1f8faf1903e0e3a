"""Things that wait in a temporary file until they are wanted: there may be millions of them."""

import pickle
import tempfile
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def spooled(things: Iterable[T]) -> Iterator[T]:
    """The same things, in their order; all of them are taken before the first is given.

    The file has no name, so nobody else writes what is read here.
    """
    with tempfile.TemporaryFile(prefix="boxoffice-audit-") as file:
        for each in things:
            pickle.dump(each, file)
        file.seek(0)
        while True:
            try:
                yield pickle.load(file)
            except EOFError:
                return
