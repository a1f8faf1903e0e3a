"""The flags of `boxoffice flash-sale`, as Typer learns them."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from cluster.sale.plan import Curve

BUYERS_MAX = 100_000
TICKETS_MAX = 20_000
SECONDS_MAX = 3_600
CROWD, MARKET, PRINTED = "The crowd", "The marketplace and its proof", "What is printed"


def _flag(text: str, panel: str, **bounds: float) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(help=text, rich_help_panel=panel, **bounds)  # type: ignore[arg-type]
    return option


def url_of(target: str | None) -> str | None:
    """The target, if it is a URL that can be asked.

    Raises:
        typer.BadParameter: it is none, and would be taken for another machine, or for nothing at all.
    """
    try:
        found = urlsplit(target or "")
        is_url = found.scheme in ("http", "https") and bool(found.hostname) and found.port != 0
    except ValueError:  # a port above 65535, or half an IPv6 address
        is_url = False
    if target and not is_url:
        raise typer.BadParameter(f"{target!r} is no URL such as http://localhost:8000.")
    return target


Buyers = Annotated[int, _flag("How many want a ticket.", CROWD, min=1, max=BUYERS_MAX)]
Tickets = Annotated[int, _flag("How many tickets there are.", CROWD, min=1, max=TICKETS_MAX)]
Arrival = Annotated[Curve, _flag("How they come.", CROWD)]
Seconds = Annotated[float, _flag("How long a ramp or the waves last.", CROWD, min=0, max=SECONDS_MAX)]
Pay = Annotated[float, _flag("Share of those with a ticket who pay.", CROWD, min=0)]
Decline = Annotated[float, _flag("Share whose card is declined.", CROWD, min=0)]
Abandon = Annotated[float, _flag("Share who leave without a word.", CROWD, min=0)]
Cancel = Annotated[float, _flag("Share who give the ticket back.", CROWD, min=0)]
Repeat = Annotated[float, _flag("Share who send their request twice, same key.", CROWD, min=0, max=1)]
ThinkS = Annotated[float, _flag("Mean seconds before one with a ticket acts.", CROWD, min=0, max=600)]
Seed = Annotated[int, _flag("The same seed: the same wishes.", CROWD)]
Connections = Annotated[
    int, _flag("Requests under way at once; those with a ticket have as many of their own.", CROWD, min=1, max=10_000)
]
WaitExpiryS = Annotated[float, _flag("Seconds to wait for unpaid orders to expire.", MARKET, min=0, max=SECONDS_MAX)]
Target = Annotated[
    str | None,
    typer.Option(help="Marketplace to load; the one that runs here.", rich_help_panel=MARKET, callback=url_of),
]
DataDir = Annotated[str | None, _flag("Data folder of the copy that runs here.", MARKET)]
MongoUrl = Annotated[str | None, _flag("The target's database; a password is for MONGO_URL alone.", MARKET)]
Database = Annotated[str | None, _flag("Its name; that of the copy here, or boxoffice. [BOXOFFICE_DATABASE]", MARKET)]
ApiOnly = Annotated[
    bool,
    typer.Option(
        "--api-only", help="Prove what the API alone can show: no MongoDB, no Stripe.", rich_help_panel=MARKET
    ),
]
Really = Annotated[bool, typer.Option("--yes-really-this-host", help="Load another machine.", rich_help_panel=MARKET)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.", rich_help_panel=PRINTED)]
PageFile = Annotated[Path | None, _flag("Write an HTML page with plots to this file.", PRINTED)]
