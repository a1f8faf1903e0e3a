"""What Ray says of a copy, also while it starts again."""

from typing import Any

import pytest
from ray.exceptions import RaySystemError

from cluster import ray_view

NAMED = [{"name": "SERVE_REPLICA::web#1", "namespace": "serve"}]


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often the connection to Ray was given up; Ray says that there is one, as it does of a dead cluster's."""
    calls: list[str] = []
    monkeypatch.setattr(ray_view.ray, "is_initialized", lambda: True)
    monkeypatch.setattr(ray_view.ray, "shutdown", lambda: calls.append("shutdown"))
    monkeypatch.setattr(ray_view, "_actors", lambda _: {})
    return calls


def look() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    return ray_view.look("127.0.0.1:9", "http://127.0.0.1:9", "boxoffice")


@pytest.mark.parametrize("error", [RaySystemError("the GCS is gone"), RuntimeError("Failed to get named actors")])
def test_a_ray_that_is_gone_shows_nothing_and_is_connected_to_anew(
    ended: list[str], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def gone(**_: Any) -> list[dict[str, Any]]:
        raise error

    monkeypatch.setattr(ray_view, "list_named_actors", gone)
    assert look() == ([], [])
    assert ended == ["shutdown"]


def test_a_ray_that_answers_stays_connected(ended: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_view, "list_named_actors", lambda **_: NAMED)
    [replica], supervisors = look()
    assert (replica["replica"], supervisors, ended) == (NAMED[0]["name"], [], [])
