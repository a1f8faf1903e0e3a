"""The status for people: two tables, and what does not get on."""

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cluster.counted import counted
from cluster.status import Status

COLUMNS = {
    "machine": "machine",
    "pid": "pid",
    "live_actors": "live\nactors",
    "queued": "queued",
    "in_flight": "in\nflight",
    "undelivered": "undelivered",
    "timers": "timers",
    "retrying_count": "retrying",
}
"""A supervisor's own words and how the table calls them."""

REASONS_MAX = 3
"""So many reasons are shown for each supervisor."""


def render(status: Status) -> RenderableType:
    """What `status` knows; of what is tried again the first few."""
    if not status.running:
        return Text(f"Box Office does not run here.{_left(status.left_behind)}")
    reasons = [line for one in status.services for line in _reasons(one)]
    return Group(_headline(status), "", _parts(status), "", _services(status), *([""] if reasons else []), *reasons)


def _left(count: int) -> str:
    return f" {count} processes of a killed run are still there: `boxoffice down` ends them." if count else ""


def _headline(status: Status) -> Text:
    # It was ready, and is not: what ended is started again.
    why = "a part is starting again" if status.state == "ready" else status.state
    word, style = ("ready", "bold green") if status.ready else (f"not ready ({why})", "bold yellow")
    return Text.assemble("Box Office ", (status.url, "bold"), " is ", (word, style), f", {_where(status)}")


def _where(status: Status) -> str:
    machines = counted(len(status.machines), "machine")
    return f"on {machines}: {', '.join(status.machines)}" if status.machines else f"process {status.pid}"


def _parts(status: Status) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_row("MongoDB", _mongodb(status.mongodb))
    table.add_row("Serve", _serve(status.serve))
    table.add_row("Ray", _answers(status.ray, status.ray.get("dashboard", status.ray["address"])))
    table.add_row("Stripe", _stripe(status.stripe))
    return table


def _mongodb(about: dict[str, Any]) -> Text:
    if not about["answers"]:
        return _answers(about, about["url"])
    kind = "embedded" if about["embedded"] else "given"
    role = "primary" if about["primary"] else "no primary"
    return Text(f"{about['version']}, {kind}, {role}, {about['url']}")


def _serve(replicas: list[dict[str, Any]]) -> Text:
    pids = ", ".join(str(one["pid"]) for one in replicas if one["pid"])
    if not pids:
        return Text(f"{len(replicas)} replicas; their state is known once Ray's dashboard answers")
    alive = sum(one["state"] == "ALIVE" for one in replicas)
    return Text(f"{alive} of {len(replicas)} replicas alive (processes {pids})")


def _stripe(about: dict[str, Any]) -> Text:
    return _answers(about, f"sandbox, {about['url']}") if about["sandbox"] else Text("Stripe itself")


def _answers(about: dict[str, Any], text: str) -> Text:
    return Text(text) if about["answers"] else Text.assemble(text, ("  does not answer", "bold red"))


def _services(status: Status) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("service", no_wrap=True)
    table.add_column("partition", justify="right")
    shown = {key: title for key, title in COLUMNS.items() if key != "machine" or status.machines}
    for title in shown.values():
        table.add_column(title, justify="right")
    for one in status.services:
        table.add_row(one["service"], str(one["partition"]), *(_cell(one, key) for key in shown))
    return table


def _cell(one: dict[str, Any], key: str) -> str:
    value = one.get(key)
    return ("-" if one["answers"] else "?") if value is None else str(value)


def _reasons(one: dict[str, Any]) -> Iterator[Text]:
    """What a supervisor tries again, and why it has to."""
    tried = one.get("retrying") or []
    for each in tried[:REASONS_MAX]:
        yield Text.assemble(
            f"{one['service']}/{one['partition']} tries again: {each['what']}: ", (each["why"], "yellow")
        )
    if (more := one.get("retrying_count", 0) - REASONS_MAX) > 0:
        yield Text(f"{one['service']}/{one['partition']} tries {more} more again")
