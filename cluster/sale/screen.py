"""A place on the terminal where something is shown while it changes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.live import Live


@contextmanager
def screen(console: Console) -> Iterator[Callable[[RenderableType], None]]:
    """Show something in place, again and again, on a terminal only."""
    if not console.is_terminal:
        yield lambda _: None
        return
    with Live(console=console, auto_refresh=False, transient=True) as place:
        yield lambda view: place.update(view, refresh=True)
