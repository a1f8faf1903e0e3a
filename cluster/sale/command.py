"""`boxoffice flash-sale`: the command."""

from pathlib import Path
from typing import Annotated, cast

import typer

from cluster.audit.command import VIOLATED
from cluster.audit.sources import folder_of, sources
from cluster.sale.place import place
from cluster.sale.plan import Curve, Plan, Shares

BUYERS_MAX = 100_000
TICKETS_MAX = 20_000
SECONDS_MAX = 3_600


def command(  # noqa: PLR0917 - one parameter per flag is how Typer learns them
    buyers: Annotated[int, typer.Option(min=1, max=BUYERS_MAX, help="How many want a ticket.")] = 1_000,
    tickets: Annotated[int, typer.Option(min=1, max=TICKETS_MAX, help="How many tickets there are.")] = 100,
    target: Annotated[str | None, typer.Option(help="Marketplace to load; the one that runs here.")] = None,
    arrival: Annotated[Curve, typer.Option(help="How they come.")] = "at-once",
    seconds: Annotated[float, typer.Option(min=0, max=SECONDS_MAX, help="How long a ramp or the waves last.")] = 10,
    pay: Annotated[float, typer.Option(min=0, help="Share of those with a ticket who pay.")] = 0.6,
    decline: Annotated[float, typer.Option(min=0, help="Share whose card is declined.")] = 0.1,
    abandon: Annotated[float, typer.Option(min=0, help="Share who leave without a word.")] = 0.2,
    cancel: Annotated[float, typer.Option(min=0, help="Share who give the ticket back.")] = 0.1,
    repeat: Annotated[float, typer.Option(min=0, max=1, help="Share who send their request twice, same key.")] = 0.05,
    think_s: Annotated[float, typer.Option(min=0, max=600, help="Mean seconds before one with a ticket acts.")] = 1,
    connections: Annotated[int, typer.Option(min=1, max=10_000, help="Requests under way at once.")] = 256,
    wait_expiry_s: Annotated[
        float, typer.Option(min=0, max=SECONDS_MAX, help="Seconds to wait for unpaid orders to expire.")
    ] = 30,
    seed: Annotated[int, typer.Option(help="The same seed: the same wishes.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write an HTML page with plots to this file.")] = None,
    data_dir: Annotated[str | None, typer.Option(help="Data folder of the copy that runs here.")] = None,
    mongo_url: Annotated[str | None, typer.Option(help="The target's database. [MONGO_URL]")] = None,
    database: Annotated[str | None, typer.Option(help="Its name; boxoffice. [BOXOFFICE_DATABASE]")] = None,
    really: Annotated[bool, typer.Option("--yes-really-this-host", help="Load another machine.")] = False,
) -> None:
    """Hold a flash sale: a crowd for a few tickets, and then the proof that nobody was cheated.

    Lists the tickets, lets the buyers loose, shows what happens, and audits: see `boxoffice audit`. Buyers' sessions
    are signed with the key of the copy that runs here (or JWT_KEY); elsewhere everybody signs up first. Exit status
    0: proven, and everybody got an answer. 1: not so. 2: it could not be done.
    """
    plan = Plan(
        buyers=buyers,
        tickets=tickets,
        curve=arrival,
        seconds=0.0 if arrival == "at-once" else seconds,
        shares=demand_some(pay, decline, abandon, cancel),
        repeat=repeat,
        think_s=think_s,
        connections=connections,
        wait_expiry_s=wait_expiry_s,
        seed=seed,
    )
    folder = folder_of(data_dir)
    where = sources(folder, mongo_url, database)
    here = place(folder, target, where, really=really)
    # The drivers of MongoDB and HTTP take longer to import than other commands take to run.
    from cluster.sale.run import run  # noqa: PLC0415

    if not run(plan, here, where, as_json=as_json, page_file=report):
        raise typer.Exit(VIOLATED)


def demand_some(*shares: float) -> Shares:
    """The shares, if anybody has one.

    Raises:
        typer.BadParameter: nobody would do anything.
    """
    if not sum(shares):
        raise typer.BadParameter("--pay, --decline, --abandon and --cancel are all 0: nobody would do anything.")
    return cast("Shares", shares)
