"""The flags of `boxoffice flash-sale`, as Typer learns them."""

import math
from pathlib import Path
from typing import Annotated, Any

import typer

from cluster.sale.plan import BUYERS_MAX, SECONDS_MAX, SHARE_MAX, THINK_MAX_S, TICKETS_MAX, Curve
from cluster.sale.urls import is_url

CROWD, MARKET, PRINTED = "The crowd", "The marketplace and its proof", "What is printed"


def _flag(text: str, panel: str, **bounds: Any) -> typer.models.OptionInfo:  # noqa: ANN401 - Typer's own
    option: typer.models.OptionInfo = typer.Option(help=text, rich_help_panel=panel, **bounds)
    return option


def _number(text: str, panel: str, **bounds: float) -> typer.models.OptionInfo:
    return _flag(text, panel, callback=finite, **bounds)


def finite(value: float | None) -> float | None:
    """The value, if it is a number or not given: `nan` is within all bounds.

    Raises:
        typer.BadParameter: it is none.
    """
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"{value} is no number.")
    return value


def url_of(target: str | None) -> str | None:
    """The target, if it is a URL that can be asked.

    Raises:
        typer.BadParameter: it is none, and would be taken for another machine, or for nothing at all: where a variable
            is unset, an empty one must not mean the copy that runs here.
    """
    if target is not None and not is_url(target):
        raise typer.BadParameter(f"{target!r} is no URL such as http://localhost:8000.")
    return target


Buyers = Annotated[int, _flag("How many want a ticket.", CROWD, min=1, max=BUYERS_MAX)]
Tickets = Annotated[int, _flag("How many tickets there are.", CROWD, min=1, max=TICKETS_MAX)]
Arrival = Annotated[Curve, _flag("How they come.", CROWD)]
Seconds = Annotated[float | None, _number("How long a ramp or the waves last; 10.", CROWD, min=0, max=SECONDS_MAX)]
Pay = Annotated[float, _number("Share of those with a ticket who pay.", CROWD, min=0, max=SHARE_MAX)]
Decline = Annotated[float, _number("Share whose card is declined.", CROWD, min=0, max=SHARE_MAX)]
Abandon = Annotated[float, _number("Share who leave without a word.", CROWD, min=0, max=SHARE_MAX)]
Cancel = Annotated[float, _number("Share who give the ticket back.", CROWD, min=0, max=SHARE_MAX)]
Repeat = Annotated[float, _number("Share who send their request twice, same key.", CROWD, min=0, max=1)]
ThinkS = Annotated[float, _number("Mean seconds before one with a ticket acts.", CROWD, min=0, max=THINK_MAX_S)]
Seed = Annotated[int, _flag("The same seed: the same wishes.", CROWD)]
Connections = Annotated[
    int, _flag("Requests under way at once; those with a ticket have as many of their own.", CROWD, min=1, max=10_000)
]
WaitExpiryS = Annotated[float, _number("Seconds to wait for unpaid orders to expire.", MARKET, min=0, max=SECONDS_MAX)]
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
