"""`boxoffice audit`: the command."""

import json
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from cluster.audit.progress import shown
from cluster.audit.settling import Patience
from cluster.audit.sources import folder_of, sources
from cluster.audit.table import render
from cluster.local.console import print_result

VIOLATED = 1
"""Exit status when the proof failed; 2 when it could not be done."""

GRACE_S = 30.0
GRACE_MAX_S = 86_400.0
"""A day: what is later than that is late on any system."""

LOOK_AGAIN_S = 15.0


def command(  # noqa: PLR0917 - one parameter per flag is how Typer learns them
    data_dir: Annotated[str | None, typer.Option(help="Data folder of the copy that runs here.")] = None,
    mongo_url: Annotated[str | None, typer.Option(help="Another database to audit. [MONGO_URL]")] = None,
    database: Annotated[
        str | None, typer.Option(help="Its name; that of the copy here, or boxoffice. [BOXOFFICE_DATABASE]")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")] = False,
    grace_s: Annotated[
        float, typer.Option(min=0, max=GRACE_MAX_S, help="How late an expiry or a delivery may be.")
    ] = GRACE_S,
    look_again_s: Annotated[
        float, typer.Option(min=0, max=3600, help="How long what looks wrong may take to become right.")
    ] = LOOK_AGAIN_S,
) -> None:
    """Prove that nothing was oversold and no money was lost, ticket by ticket, on any live system.

    Compares what MongoDB holds with what Stripe holds, and changes nothing. Exit status 0: proven. 1: violations,
    each with its documents. 2: it could not be done. STRIPE_KEY names the account where no sandbox runs.
    """
    # The drivers of MongoDB and Stripe take longer to import than other commands take to run.
    from cluster.audit.run import audit  # noqa: PLC0415

    where = sources(folder_of(data_dir), mongo_url, database)
    with shown(Console(stderr=True)) as progress:
        report = audit(
            where, grace=timedelta(seconds=grace_s), patience=Patience(deadline_s=look_again_s), progress=progress
        )
    if as_json:
        print_result(Text(json.dumps(report.as_json())), soft_wrap=True)
    else:
        print_result(render(report))
    if not report.proven:
        raise typer.Exit(VIOLATED)
