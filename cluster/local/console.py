"""What is said to people, who may be gone: by `up` one line per step, by other commands what they have found."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

from rich.console import Console, RenderableType
from rich.text import Text

UNPRINTED = "boxoffice: The result could not be printed; the exit status tells it."
"""What is said where nobody takes the result."""


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
        spins = self._console.is_terminal and told(self._console, spinner.start)
        if not spins:
            self._say(Text(f"... {doing}"))
        try:
            yield
        finally:
            if spins:
                told(self._console, spinner.stop)
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
        told(self._console, partial(self._console.print, line, highlight=False, soft_wrap=True))


def told(console: Console, tell: Callable[[], object]) -> bool:
    """Whether it worked; at the first failure the console falls silent: that nobody listens ends nothing else."""
    try:
        tell()
    except (OSError, SystemExit):  # rich ends the whole process where a pipe is closed
        console.quiet = True
        _drop(console)
        return False
    return True


def _drop(console: Console) -> None:
    """Let what is still buffered go nowhere: at its end Python would try again, fail, and end with its own status."""
    with suppress(OSError, ValueError):  # what is no real file has no number
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, console.file.fileno())
        os.close(nowhere)


def print_result(*views: RenderableType, soft_wrap: bool = False) -> None:
    """Print what a command has found, nothing of it cut off. Where nobody takes it, its exit status still tells it."""
    console = Console()
    tell = partial(console.print, *views, sep="\n", soft_wrap=soft_wrap, crop=False, highlight=False)
    if not told(console, tell):
        print_error(UNPRINTED)


def print_error(*views: RenderableType) -> None:
    """Print what is wrong on standard error, if anybody takes it."""
    console = Console(stderr=True)
    told(console, partial(console.print, *views, sep="\n", soft_wrap=True, highlight=False))
