"""Comparing with Stripe: whoever does not answer is named in one sentence."""

import socket
from pathlib import Path

import pytest
from ray.exceptions import GetTimeoutError, RayError, RayTaskError

from cluster import reconcile
from cluster.local.errors import ServiceError
from cluster.local.folder import DataFolder
from cluster.local.processes import Identity
from cluster.local.reconciling import compared
from cluster.local.record import RunRecord


class StripeIsDownError(Exception):
    """What Stripe's SDK raises in the supervisor."""


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RayTaskError("do_chore", "a traceback", StripeIsDownError()).as_instanceof_cause(), "StripeIsDownError"),
        (GetTimeoutError("late"), "GetTimeoutError"),
        (ConnectionError("gone"), "ConnectionError"),
    ],
)
def test_no_answer_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: RayError | OSError, reason: str
) -> None:
    def fail(_address: str, _namespace: str) -> None:
        raise error

    monkeypatch.setattr(reconcile, "reconcile", fail)
    monkeypatch.setattr("os.environ", {})
    with socket.create_server(("127.0.0.1", 0)) as ray:
        known = RunRecord(owner=Identity(1, 0.0), ray_address=f"127.0.0.1:{ray.getsockname()[1]}")
        with pytest.raises(ServiceError) as caught:
            compared(DataFolder(tmp_path), known)
    assert caught.value.sentence == f"The payments could not be compared with Stripe ({reason})."
