"""The status as people read it."""

from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from cluster.status import Status
from cluster.status_table import REASONS_MAX, render


def text_of(status: Status) -> str:
    console = Console(width=200)
    with console.capture() as captured:
        console.print(render(status))
    return captured.get()


def running(**payments: Any) -> Status:
    """A copy with one supervisor, which says this of itself."""
    count = len(payments.get("retrying", ()))
    supervisor = {"service": "payments", "partition": 0, "answers": True, "retrying_count": count, **payments}
    ray = {"address": "127.0.0.1:1", "dashboard": "http://127.0.0.1:2", "answers": True}
    stripe, mongodb = {"sandbox": False}, {"answers": False, "url": "mongodb://127.0.0.1:3"}
    return Status(running=True, state="ready", stripe=stripe, mongodb=mongodb, ray=ray, services=[supervisor])


def test_what_is_tried_again_is_said_with_its_reason() -> None:
    text = text_of(running(retrying=[{"what": "order 1", "why": "Stripe does not answer"}]))
    assert "payments/0 tries again: order 1: Stripe does not answer" in text


def test_of_many_reasons_the_first_are_said_and_the_rest_counted() -> None:
    text = text_of(running(retrying=[{"what": f"order {n}", "why": "no"} for n in range(REASONS_MAX + 2)]))
    assert text.count("tries again") == REASONS_MAX
    assert "payments/0 tries 2 more again" in text


@pytest.mark.parametrize("supervisor", [{"retrying": []}, {"answers": False}])
def test_where_nothing_is_tried_again_no_reason_is_said(supervisor: dict[str, Any]) -> None:
    assert "tries again" not in text_of(running(**supervisor))


def test_a_copy_that_does_not_run_says_what_it_left_behind() -> None:
    assert "does not run here. 3 processes" in text_of(Status(running=False, left_behind=3))


@pytest.mark.parametrize(
    ("state", "ready", "words"),
    [
        ("ready", True, "is ready, process"),
        ("starting", False, "is not ready (starting), process"),
        ("ready", False, "is not ready (a part is starting again), process"),
    ],
)
def test_the_headline_says_why_it_is_not_ready(state: str, ready: bool, words: str) -> None:
    assert words in text_of(replace(running(), state=state, ready=ready))


def test_a_cluster_says_what_runs_on_which_machine() -> None:
    alone = text_of(running(machine="10.0.0.11"))
    cluster = text_of(replace(running(machine="10.0.0.11"), ready=True, machines=["10.0.0.10", "10.0.0.11"]))
    assert "is ready, on 2 machines: 10.0.0.10, 10.0.0.11" in cluster
    assert (cluster.count("10.0.0.11"), alone.count("10.0.0.11")) == (2, 0)
