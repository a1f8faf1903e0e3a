"""How far an audit has come."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress as Bar, TextColumn, TimeElapsedColumn

Progress = Callable[[str, int], None]
"""Told what is being read (`payments`, `tickets`, `looking again`), and how much of it has been."""


@contextmanager
def shown(console: Console) -> Iterator[Progress]:
    """Show the progress while the block runs, on a terminal only."""
    columns = (TextColumn("{task.description}"), TextColumn("{task.completed:,.0f}"), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        tasks = {what: bar.add_task(what, total=None) for what in ("payments", "tickets", "looking again")}
        yield lambda what, count: bar.update(tasks[what], completed=count)
