"""`boxoffice flash-sale`: the command."""

from dataclasses import replace
from typing import cast

import typer

from cluster.audit.command import VIOLATED
from cluster.audit.sources import folder_of
from cluster.sale import flags
from cluster.sale.place import books_of, place
from cluster.sale.plan import Curve, Plan, Shares

ARRIVAL_S = 10.0
"""How long a ramp or the waves last where nobody says."""


def command(  # noqa: PLR0917 - one parameter per flag is how Typer learns them
    buyers: flags.Buyers = 1_000,
    tickets: flags.Tickets = 100,
    arrival: flags.Arrival = "at-once",
    seconds: flags.Seconds = None,
    pay: flags.Pay = 0.6,
    decline: flags.Decline = 0.1,
    abandon: flags.Abandon = 0.2,
    cancel: flags.Cancel = 0.1,
    repeat: flags.Repeat = 0.05,
    think_s: flags.ThinkS = 1,
    seed: flags.Seed = 1,
    connections: flags.Connections = 256,
    wait_expiry_s: flags.WaitExpiryS = 30,
    target: flags.Target = None,
    data_dir: flags.DataDir = None,
    mongo_url: flags.MongoUrl = None,
    database: flags.Database = None,
    api_only: flags.ApiOnly = False,
    really: flags.Really = False,
    as_json: flags.AsJson = False,
    report: flags.PageFile = None,
) -> None:
    """Hold a flash sale: a crowd for a few tickets, and then the proof that nobody was cheated.

    Lists the tickets, lets the buyers loose, shows what happens, and audits: see `boxoffice audit`. Buyers' sessions
    are signed with the key of the copy that runs here (or JWT_KEY); elsewhere everybody signs up first. Exit status
    0: proven, and everybody who asked got an answer. 1: not so. 2: it could not be done. 130: interrupted by Ctrl-C
    or SIGTERM, and not audited; what it showed is printed all the same. With --api-only a 0 says that the API shows
    nothing wrong; what that leaves open is listed.
    """
    plan = Plan(
        buyers=buyers,
        tickets=tickets,
        curve=arrival,
        seconds=length_of(arrival, seconds),
        shares=demand_some(pay, decline, abandon, cancel),
        repeat=repeat,
        think_s=think_s,
        connections=connections,
        wait_expiry_s=wait_expiry_s,
        seed=seed,
    )
    demand_no_books(api_only=api_only, mongo_url=mongo_url, database=database)
    folder = folder_of(data_dir)
    market = place(folder, target, really=really)
    if not api_only:
        market = replace(market, books=books_of(market, folder, mongo_url, database))
    # The drivers of MongoDB and HTTP take longer to import than other commands take to run.
    from cluster.sale.run import run  # noqa: PLC0415

    if not run(plan, market, as_json=as_json, page_file=report):
        raise typer.Exit(VIOLATED)


def length_of(arrival: Curve, seconds: float | None) -> float:
    """How long the buyers take to arrive.

    Raises:
        typer.BadParameter: they come at once, and somebody says how long it lasts.
    """
    if arrival == "at-once" and seconds is not None:
        raise typer.BadParameter("--seconds is for --arrival ramp or waves: here everybody comes at once.")
    return 0.0 if arrival == "at-once" else ARRIVAL_S if seconds is None else seconds


def demand_no_books(*, api_only: bool, mongo_url: str | None, database: str | None) -> None:
    """See that nobody names books that are not to be read.

    Raises:
        typer.BadParameter: somebody does.
    """
    if api_only and not (mongo_url is None and database is None):
        raise typer.BadParameter("--api-only reads no database: leave --mongo-url and --database out, or it.")


def demand_some(*shares: float) -> Shares:
    """The shares, if anybody has one.

    Raises:
        typer.BadParameter: nobody would do anything.
    """
    if not sum(shares):
        raise typer.BadParameter("--pay, --decline, --abandon and --cancel are all 0: nobody would do anything.")
    return cast("Shares", shares)
