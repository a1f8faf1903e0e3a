"""What `up` says while it works: one line per step, with colours on a terminal, plain elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from rich.console import Console
from rich.text import Text


class Teller:
    """Says each step once it begins (on a terminal) and once it is done; nothing any more once its console is gone."""

    def __init__(self, console: Console) -> None:
        """`console` decides about colours."""
        self._console = console

    @contextmanager
    def step(self, doing: str) -> Iterator[None]:
        """A step that takes a while: a spinner on a terminal, and a line with the time it took."""
        began = time.monotonic()
        spinner = self._console.status(Text(doing))
        spins = self._console.is_terminal and self._try(spinner.start)
        if not spins:
            self._say(Text(f"... {doing}"))
        try:
            yield
        finally:
            if spins:
                self._try(spinner.stop)
        took = f"({time.monotonic() - began:.1f} s)"
        self._say(Text.assemble(("ok", "green"), f"  {doing} ", (took, "dim")))

    def say(self, line: str) -> None:
        """One line."""
        self._say(Text(f"    {line}"))

    def warn(self, line: str) -> None:
        """One line about something that went wrong and is being put right."""
        self._say(Text.assemble((time.strftime("%H:%M:%S"), "yellow"), f" {line}"))

    def announce(self, url: str, notes: list[str]) -> None:
        """The end of a start: where the marketplace is."""
        self._say(Text.assemble("\n", ("Box Office is open:", "bold green"), " ", (url, "bold")))
        for note in [*notes, "Ctrl-C ends it; everything is kept."]:
            self._say(Text(f"  {note}", style="dim"))
        self._say(Text())

    def _say(self, line: Text) -> None:
        # Text, not markup: a folder's name or an address such as [fe80::1] may look like markup.
        self._try(partial(self._console.print, line, highlight=False, soft_wrap=True))

    def _try(self, tell: Callable[[], object]) -> bool:
        """Whether it worked; at the first failure fall silent: that nobody listens ends nothing else."""
        try:
            tell()
        except (OSError, SystemExit):  # rich ends the whole process where a pipe is closed
            self._console.quiet = True
            return False
        return True
