"""How the parts are wired together."""

import pickle
from typing import Any

import pytest

from actors import bootstrap
from actors.config import Config


def test_supervisors_are_not_told_how_sessions_and_webhooks_are_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(bootstrap, "find_supervisor", lambda *call: calls.append(call))
    config = Config(mongo_url="", jwt_key="key-of-sessions", stripe_key="sk_1", stripe_webhook_secret="whsec_1")
    bootstrap.finder(config)("tickets", 0)
    (*_, build) = calls[0]
    told = pickle.dumps(build)
    assert b"sk_1" in told
    assert b"key-of-sessions" not in told
    assert b"whsec_1" not in told
