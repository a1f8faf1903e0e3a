"""What the parts have in common: an office of their own for as long as they need it, and progress on the way."""

import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from rich.console import Console

from tests.benchmarks.offices import end
from tests.integration.office import Office

SAY_EVERY_S = 5.0


class Stage:
    """Opens offices and tells people how far things have come."""

    def __init__(self, console: Console) -> None:
        """Say it on `console`."""
        self._console = console
        self._said_at = 0.0

    def say(self, line: str) -> None:
        """One line of progress."""
        self._said_at = time.monotonic()
        self._console.print(f"{time.strftime('%H:%M:%S')}  {line}", highlight=False, soft_wrap=True)

    def say_sometimes(self, line: str) -> None:
        """One line of progress, if the last was a while ago."""
        if time.monotonic() - self._said_at > SAY_EVERY_S:
            self.say(line)

    @contextmanager
    def office(self, settings: Mapping[str, str] = MappingProxyType({})) -> Iterator[Office]:
        """A whole Box Office with an empty database, gone afterwards with its data."""
        with tempfile.TemporaryDirectory(prefix="boxoffice-bench-") as folder:
            office = Office(Path(folder) / "data", dict(settings))
            self.say("starting an office")
            try:
                yield office.start()
            finally:
                end(office)
