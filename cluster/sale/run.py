"""Holds a sale, audits it, and shows both."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from pymongo.errors import PyMongoError
from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from cluster.audit.command import GRACE_S, LOOK_AGAIN_S
from cluster.audit.progress import shown
from cluster.audit.report import Report
from cluster.audit.run import audit
from cluster.audit.settling import Patience
from cluster.audit.sources import Sources
from cluster.local.errors import ProofError
from cluster.sale.hold import hold
from cluster.sale.page import page
from cluster.sale.place import Place
from cluster.sale.plan import Plan
from cluster.sale.result import as_json as json_of, is_good
from cluster.sale.sale import Sale
from cluster.sale.table import live, render


def run(plan: Plan, market: Place, *, as_json: bool, page_file: Path | None) -> bool:
    """Hold the sale, audit it, print both, and say whether all was good.

    Raises:
        ProofError: the sale or the audit could not be done.
    """
    errors = Console(stderr=True)
    with screen(errors) as show:
        sale = _hold(plan, market, show)
    report = _audit(market.books, errors) if market.books else None
    if page_file:
        page_file.write_text(page(sale, report), encoding="utf-8")
    console = Console()
    if as_json:
        console.print(Text(json.dumps(json_of(sale, report))), soft_wrap=True)
    else:
        console.print(render(sale, report), highlight=False)
    return is_good(sale, report)


def _hold(plan: Plan, market: Place, show: Callable[[RenderableType], None]) -> Sale:
    try:
        return asyncio.run(hold(plan, market, lambda sale: show(live(sale))))
    except PyMongoError as error:
        advice = "Look whether it runs, and whether --mongo-url (or MONGO_URL) is right."
        raise ProofError(f"MongoDB could not be read ({type(error).__name__}).", advice) from error


def _audit(books: Sources, errors: Console) -> Report:
    grace, patience = timedelta(seconds=GRACE_S), Patience(deadline_s=LOOK_AGAIN_S)
    with shown(errors) as progress:
        return audit(books, grace=grace, patience=patience, progress=progress)


@contextmanager
def screen(console: Console) -> Iterator[Callable[[RenderableType], None]]:
    """Show something in place, again and again, on a terminal only."""
    if not console.is_terminal:
        yield lambda _: None
        return
    with Live(console=console, auto_refresh=False, transient=True) as place:
        yield lambda view: place.update(view, refresh=True)
