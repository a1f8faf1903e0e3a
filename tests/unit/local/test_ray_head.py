"""The thread that watches Ray's processes: the head ends when it loses one, and when nobody can watch them."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import pytest
from ray._private.ray_constants import PROCESS_TYPE_DASHBOARD

from cluster.local import ray_head
from cluster.local.ray_head import Head

GCS = "gcs_server"


class Ended(BaseException):
    """The head has ended; carries its status."""


@dataclass
class FakeNode:
    """Ray's processes, of which at each look the next ones have ended."""

    dead: list[list[str]]
    dashboards: int = 0
    killed: bool = False
    failure: Exception | None = None
    failure_to_kill: Exception | None = None

    def dead_processes(self) -> list[tuple[str, None]]:
        return [(kind, None) for kind in self.dead.pop(0)]

    def open_dashboard(self) -> None:
        self.dashboards += 1
        if self.failure:
            raise self.failure

    def kill_all_processes(self, *, check_alive: bool, allow_graceful: bool) -> None:
        assert not check_alive, "some have ended already"
        self.killed = True
        if self.failure_to_kill:
            raise self.failure_to_kill


@pytest.fixture(autouse=True)
def no_pauses_and_no_end_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    def leave(status: int) -> None:
        raise Ended(status)

    monkeypatch.setattr(ray_head, "LOOK_S", 0)
    monkeypatch.setattr(os, "_exit", leave)


def watch(node: FakeNode) -> int:
    """Watch until the head ends; its status."""
    with pytest.raises(Ended) as ended:
        ray_head._watch(cast("Head", node))
    return int(ended.value.args[0])


def test_a_lost_part_ends_the_rest_and_the_head(caplog: pytest.LogCaptureFixture) -> None:
    node = FakeNode([[], [], ["raylet", GCS]])
    assert watch(node) == 1
    assert node.killed
    assert caplog.messages == ["Ray lost its gcs_server, raylet; ending the rest"]


def test_a_lost_dashboard_is_started_again_and_nothing_else() -> None:
    node = FakeNode([[], [PROCESS_TYPE_DASHBOARD], [], [GCS]])
    assert watch(node) == 1
    assert (node.dashboards, node.dead) == (1, [])


def test_a_watcher_that_fails_ends_the_head_and_says_what_it_was(caplog: pytest.LogCaptureFixture) -> None:
    node = FakeNode([[], [PROCESS_TYPE_DASHBOARD]], failure=ConnectionError("the GCS does not answer"))
    assert watch(node) == 1
    assert node.killed
    assert caplog.messages[-1] == "Ray cannot be watched any more; ending it"
    assert "ConnectionError: the GCS does not answer" in caplog.text


def test_the_head_ends_though_ray_cannot_be_ended(caplog: pytest.LogCaptureFixture) -> None:
    node = FakeNode([[GCS]], failure_to_kill=RuntimeError("stubborn"))
    assert watch(node) == 1
    assert "RuntimeError: stubborn" in caplog.text


@dataclass
class FakeProcess:
    """As Ray keeps it: the process and what is known about it in one."""

    code: int | None
    asked: Callable[[], None] = lambda: None

    @property
    def process(self) -> "FakeProcess":
        return self

    def poll(self) -> int | None:
        self.asked()
        return self.code


def test_a_dashboard_that_is_added_during_a_look_does_not_end_the_watch() -> None:
    # Given a look in whose middle the main thread adds the dashboard,
    node: Any = Head.__new__(Head)
    gcs = FakeProcess(None, lambda: node.all_processes.setdefault(PROCESS_TYPE_DASHBOARD, [FakeProcess(None)]))
    node.all_processes = {GCS: [gcs], "raylet": [raylet := FakeProcess(-9)]}
    # then it is looked at the others, and next time at that one, too.
    assert node.dead_processes() == [("raylet", raylet)]
    node.all_processes[PROCESS_TYPE_DASHBOARD][0].code = 1
    assert [kind for kind, _ in node.dead_processes()] == ["raylet", PROCESS_TYPE_DASHBOARD]
