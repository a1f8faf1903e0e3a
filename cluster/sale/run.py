"""Holds a sale, audits it, and shows both."""

import asyncio
import json
import os
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.text import Text

from cluster.audit.command import GRACE_S, LOOK_AGAIN_S
from cluster.audit.obstacles import explained
from cluster.audit.progress import shown
from cluster.audit.report import Report
from cluster.audit.run import audit, demand_office
from cluster.audit.settling import Patience
from cluster.audit.sources import Sources
from cluster.local.console import print_result
from cluster.local.errors import ProofError
from cluster.local.mongo_url import without_password
from cluster.sale.hold import hold
from cluster.sale.interrupted import interrupted, sigterm_as_ctrl_c, undisturbed
from cluster.sale.open_files import demand_files
from cluster.sale.page import page
from cluster.sale.place import Place
from cluster.sale.plan import Plan
from cluster.sale.result import as_json as json_of, is_good, left_open
from cluster.sale.sale import Sale
from cluster.sale.screen import screen
from cluster.sale.table import live, render


def run(plan: Plan, market: Place, *, as_json: bool, page_file: Path | None) -> bool:
    """Hold the sale, audit it, and tell of both; whether all was good.

    Raises:
        ProofError: the sale or the audit could not be done, or the page could not be written.
    """
    if page_file:
        demand_room(page_file)
    demand_files(plan.connections)
    if market.books:
        demand_office(market.books)
    errors = Console(stderr=True)
    sale = Sale(plan=plan, url=without_password(market.url), has_books=market.books is not None)
    with sigterm_as_ctrl_c():
        report = _held(sale, market, errors)
        with undisturbed():
            unwritten = _tell(sale, report, as_json=as_json, page_file=page_file)
    failure = sale.failure or (unwritten if is_good(sale, report) else None)
    if unwritten and failure is not unwritten:  # what else went wrong decides the exit status
        errors.print(Text(f"{unwritten.sentence} {unwritten.advice}"))
    if failure:
        raise failure
    return is_good(sale, report)


def _held(sale: Sale, market: Place, errors: Console) -> Report | None:
    """Hold the sale and audit it. Ctrl-C, or SIGTERM, throws nothing away of what was seen: see `Sale.failure`.

    Raises:
        ProofError: it could not begin, or was interrupted before it did.
    """
    try:
        with screen(errors) as show, explained():
            asyncio.run(hold(sale, market, lambda sale: show(live(sale))))
        return _proof(sale, market.books, errors)
    except KeyboardInterrupt:
        sale.failure = interrupted(is_open=sale.is_open)
        if not sale.is_open:
            raise sale.failure from None
        return None
    finally:
        sale.seconds = sale.seconds if sale.took_s is None else sale.took_s


def _proof(sale: Sale, books: Sources | None, errors: Console) -> Report | None:
    """The audit, where there is one; what keeps it from being done hides nothing of the sale: see `Sale.failure`."""
    if books is None or sale.failure:
        return None
    try:
        return _audit(books, errors)
    except ProofError as failure:
        sale.failure = failure
        return None


def demand_room(page_file: Path) -> None:
    """Look before the sale whether the page can be written after it.

    Raises:
        ProofError: it cannot.
    """
    place = page_file if page_file.exists() else page_file.parent
    if page_file.is_dir() or not page_file.parent.is_dir() or not os.access(place, os.W_OK):
        raise ProofError(f"The page {page_file} cannot be written.", "Give --report a file in a folder of yours.")


def _tell(sale: Sale, report: Report | None, *, as_json: bool, page_file: Path | None) -> ProofError | None:
    """Write the page and print the rest, each whatever becomes of the other; why the page could not be written."""
    try:
        if page_file:
            page_file.write_text(page(sale, report), encoding="utf-8")
    except OSError as error:
        sentence = f"The page {page_file} could not be written ({error.strerror})."
        return ProofError(sentence, "What it would have shown is printed; --json has all of it.")
    finally:
        _print(sale, report, as_json=as_json)
    return None


def _print(sale: Sale, report: Report | None, *, as_json: bool) -> None:
    if as_json:
        print_result(Text(json.dumps(json_of(sale, report))), soft_wrap=True)
    else:
        print_result(render(sale, report), *(Text(f"Not proven: {each}", style="yellow") for each in left_open(sale)))


def _audit(books: Sources, errors: Console) -> Report:
    grace, patience = timedelta(seconds=GRACE_S), Patience(deadline_s=LOOK_AGAIN_S)
    with shown(errors) as progress:
        return audit(books, grace=grace, patience=patience, progress=progress)
