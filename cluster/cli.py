"""The `boxoffice` command: `up`, `down`, `status`, `reconcile`, `audit`, `flash-sale`, `repartition`, `ray`."""

import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import nullcontext, suppress
from functools import partial
from typing import Annotated, Any

import typer
from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from cluster.audit.command import command as audit
from cluster.audit.sources import folder_of
from cluster.local import disk, ray_env, record, web
from cluster.local.console import UNPRINTED, print_error, print_result, told
from cluster.local.down import end
from cluster.local.errors import OperatorError
from cluster.local.folder import DataFolder
from cluster.local.partitions import change
from cluster.local.reconciling import compared
from cluster.local.record import RunRecord
from cluster.local.up import Up
from cluster.own_mongo import partitions_of
from cluster.sale.command import command as flash_sale
from cluster.settings import Settings, load
from cluster.status import Status, collect
from cluster.status_table import render
from cluster.supervisors import demand_all

NOT_RUNNING = 3
"""Exit status of commands about a copy when none runs."""

UNTOLD = 1
"""Exit status of `reconcile` when payments could not be told what Stripe says of them."""

WATCH_S = 2.0
"""Pause between two looks of `status --watch`."""

app = typer.Typer(
    help="Box Office: a ticket marketplace for contention, on this machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command; an operator's mistake is a sentence, an advice and a status, a defect has its own status."""
    # The sandbox, and what else of a copy is asked, is on this machine: children inherit it.
    os.environ.update(web.past_proxies(os.environ))
    try:
        app(prog_name="boxoffice")
    except OperatorError as error:
        # Text, not markup: the last words of a log may look like markup.
        print_error(Text.assemble(("boxoffice: ", "bold red"), error.sentence), Text(error.advice))
        sys.exit(error.exit_status)
    except Exception:  # noqa: BLE001  whatever it is: Python's own status for it is 1, which says "violated"
        traceback.print_exc()
        sys.exit(os.EX_SOFTWARE)


def _flag(name: str, text: str) -> typer.models.OptionInfo:
    """A flag for the setting of the same name; `load` checks it with all others, so none is checked here."""
    field = name.removeprefix("--").replace("-", "_")
    default = Settings.model_fields[field].default
    shown = str(default).lower() if isinstance(default, bool) else default
    stated = "" if default is None else f" (default: {shown})"
    option: typer.models.OptionInfo = typer.Option(
        name,
        metavar="VALUE",
        help=f"{text}{stated} [BOXOFFICE_{field.upper()}]",
        show_default=False,
        rich_help_panel="Settings",
    )
    return option


Folder = Annotated[str | None, _flag("--data-dir", "Folder that keeps everything")]


@app.command(
    epilog="Secrets come by environment only: JWT_KEY, STRIPE_KEY, STRIPE_WEBHOOK_SECRET. MONGO_URL names another "
    "MongoDB (a replica set), STRIPE_API_BASE another Stripe API. Flags win over the environment."
)
def up(  # noqa: PLR0917 - one parameter per setting is how Typer learns the flags
    context: typer.Context,
    port: Annotated[str | None, _flag("--port", "Port of the marketplace")] = None,
    host: Annotated[str | None, _flag("--host", "Address it listens on")] = None,
    data_dir: Folder = None,
    order_window_s: Annotated[str | None, _flag("--order-window-s", "Seconds a buyer has to pay")] = None,
    placement: Annotated[str | None, _flag("--placement", "Where tickets and orders run: shared or dedicated")] = None,
    partitions: Annotated[str | None, _flag("--partitions", "Supervisors per service")] = None,
    passivate_after_s: Annotated[
        str | None, _flag("--passivate-after-s", "Idle seconds after which an actor leaves memory")
    ] = None,
    dedicated_max: Annotated[str | None, _flag("--dedicated-max", "Dedicated actors alive at once")] = None,
    replicas: Annotated[str | None, _flag("--replicas", "Web processes")] = None,
    secure_cookies: Annotated[
        str | None, _flag("--secure-cookies", "Session cookies for TLS only: true or false")
    ] = None,
    access_log: Annotated[str | None, _flag("--access-log", "A line for every request: true or false")] = None,
    mongo_cache_mib: Annotated[str | None, _flag("--mongo-cache-mib", "MiB that the embedded MongoDB caches")] = None,
    stripe_per_s: Annotated[
        str | None, _flag("--stripe-per-s", "Requests a second to Stripe at most (default: what it lets one ask)")
    ] = None,
    database: Annotated[str | None, _flag("--database", "Name of the MongoDB database")] = None,
) -> None:
    """Start the marketplace and stay, until Ctrl-C.

    Starts MongoDB, a Stripe sandbox (when STRIPE_KEY is not set), Ray and the web application, says where the
    marketplace is, and starts again what ends. Everything is kept in the data folder.
    """
    settings = load({f"BOXOFFICE_{name.upper()}": value for name, value in context.params.items()})
    with disk.explained():
        Up(settings, Console()).run()


@app.command()
def down(data_dir: Folder = None) -> None:
    """End the marketplace that uses a data folder, and what a killed one left behind."""
    print_result(Text(end(folder_of(data_dir))), soft_wrap=True)


@app.command()
def status(
    data_dir: Folder = None,
    of_cluster: Annotated[
        bool, typer.Option("--cluster", help="Of the cluster that this machine is part of, with its settings.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Look again every two seconds, until Ctrl-C.")] = False,
) -> None:
    """Show services, partitions, live actors, queues, MongoDB and Serve. Exit status 3 when nothing runs."""
    look = partial(_look, _collect_cluster if of_cluster else partial(collect, folder_of(data_dir)), as_json=as_json)
    if watch:
        running = _watch(Console(), look)
    else:
        view, running = look()
        print_result(view, soft_wrap=as_json)
    if not running:
        raise typer.Exit(NOT_RUNNING)


@app.command()
def repartition(
    number: Annotated[int, typer.Argument(min=1, max=4096, help="Supervisors per service from now on.")],
    data_dir: Folder = None,
) -> None:
    """Divide the actors anew, while nothing runs; then start with BOXOFFICE_PARTITIONS set to the same number."""
    settings = load({"BOXOFFICE_DATA_DIR": data_dir})
    with disk.explained():
        new = change(settings, DataFolder(settings.data_dir, settings.database), number)
    print_result(f"Map {new.version}: {new.partitions} partitions per service.")


@app.command()
def reconcile(
    data_dir: Folder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")] = False,
) -> None:
    """Compare the payments with what Stripe holds, now; the office does so by itself every few minutes.

    Exit status 1: it could not be done, or not for all partitions, or some payments could not be told what Stripe says
    of them. 3: nothing runs.
    """
    folder = folder_of(data_dir)
    known = _running(folder)
    reports = compared(folder, known)
    lines = [json.dumps(reports)] if as_json else [_told(report) for report in reports]
    print_result(*(Text(line) for line in lines), soft_wrap=True)
    demand_all([report["supervisor"] for report in reports], partitions_of(known))
    if any(report["failed"] for report in reports):
        raise typer.Exit(UNTOLD)


app.command("audit")(audit)
app.command("flash-sale")(flash_sale)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    epilog="For example: boxoffice ray list actors",
)
def ray(context: typer.Context, data_dir: Folder = None) -> None:
    """Run Ray's own command on the running copy, with its address and its token. Exit status 3 when nothing runs."""
    if context.args in ([], ["-h"], ["--help"]):
        # Said by the command itself: Ray is told everything else, and only where it runs.
        typer.echo(context.get_help())
        return
    folder = folder_of(data_dir)
    known = _running(folder)
    addresses = {"RAY_ADDRESS": known.ray_address, "RAY_API_SERVER_ADDRESS": known.dashboard_url}
    command = [sys.executable, "-m", "ray.scripts.scripts", *context.args]
    os.execve(sys.executable, command, os.environ | ray_env.client_env(folder) | addresses)


def _told(report: dict[str, Any]) -> str:
    """What one supervisor found at Stripe."""
    return (
        f"{report['supervisor']}: looked at {report['looked_at']} objects at Stripe, told {report['told']} payments"
        f" something new, {report['failed']} could not be told."
    )


def _collect_cluster() -> Status:
    from cluster import status_of_cluster  # noqa: PLC0415  it imports Ray, which costs two seconds

    return status_of_cluster.collect(load())


def _look(collect_now: Callable[[], Status], *, as_json: bool) -> tuple[RenderableType, bool]:
    """One look, ready to print, and whether anything runs."""
    now = collect_now()
    return Text(json.dumps(now.as_json())) if as_json else render(now), now.running


def _watch(console: Console, look: Callable[[], tuple[RenderableType, bool]]) -> bool:
    """Look again and again: in place on a terminal, one after the other elsewhere.

    Until Ctrl-C, which is as good as any end, or until nobody takes it; then whether anything ran at the last look.
    """
    screen = Live(console=console, auto_refresh=False) if console.is_terminal else nullcontext()
    with suppress(KeyboardInterrupt), screen as live:
        while True:
            view, running = look()
            plainly = partial(console.print, view, soft_wrap=True, highlight=False)
            if not told(console, partial(live.update, view, refresh=True) if live else plainly):
                print_error(UNPRINTED)
                return running
            time.sleep(WATCH_S)
    return True


def _running(folder: DataFolder) -> RunRecord:
    """The record of the copy that runs here; where none does, the command ends. Raises `FolderError`."""
    known = record.load(folder.record)
    if known is None or not known.owner.alive():
        print_error("Box Office does not run here.")
        raise typer.Exit(NOT_RUNNING)
    return known
