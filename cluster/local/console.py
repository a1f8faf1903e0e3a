"""What `up` says while it works: one line per step, with colours on a terminal, plain elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


class Teller:
    """Says each step once it begins (on a terminal) and once it is done."""

    def __init__(self, console: Console) -> None:
        """`console` decides about colours."""
        self._console = console

    @contextmanager
    def step(self, doing: str) -> Iterator[None]:
        """A step that takes a while: a spinner on a terminal, and a line with the time it took."""
        began = time.monotonic()
        if self._console.is_terminal:
            with self._console.status(doing):
                yield
        else:
            self._console.print(f"... {doing}", highlight=False, soft_wrap=True)
            yield
        self.say(f"{doing} [dim]({time.monotonic() - began:.1f} s)[/dim]", mark="[green]ok[/green] ")

    def say(self, line: str, *, mark: str = "   ") -> None:
        """One line."""
        self._console.print(f"{mark} {line}", highlight=False, soft_wrap=True)

    def warn(self, line: str) -> None:
        """One line about something that went wrong and is being put right."""
        clock = time.strftime("%H:%M:%S")
        self._console.print(f"[yellow]{clock}[/yellow] {line}", highlight=False, soft_wrap=True)

    def announce(self, url: str, notes: list[str]) -> None:
        """The end of a start: where the marketplace is."""
        self._console.print()
        self._console.print(f"[bold green]Box Office is open:[/bold green] [bold]{url}[/bold]", highlight=False)
        for note in notes:
            self._console.print(f"  {note}", highlight=False, soft_wrap=True, style="dim")
        self._console.print("  Ctrl-C ends it; everything is kept.", highlight=False, style="dim")
        self._console.print()
