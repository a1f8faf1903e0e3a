"""Things that wait in a temporary file until they are wanted: there may be millions of them."""

import pickle
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any, TypeVar

T = TypeVar("T")


def spooled(things: Iterable[T]) -> Iterator[T]:
    """The same things, in their order; all of them are taken now.

    The file has no name, so nobody else writes what is read here.
    """
    file = tempfile.TemporaryFile(prefix="boxoffice-audit-")  # noqa: SIM115  closed once all are given
    for each in things:
        pickle.dump(each, file)
    file.seek(0)
    return _given(file)


def _given(file: IO[bytes]) -> Iterator[Any]:
    with file:
        while True:
            try:
                yield pickle.load(file)
            except EOFError:
                return
