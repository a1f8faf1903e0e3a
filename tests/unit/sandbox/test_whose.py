"""Whose a request is, as the metadata of what it names says."""

from pathlib import Path

import pytest

from cluster.sandbox import whose
from cluster.sandbox.store import Store

INTENT = {"id": "pi_1", "object": "payment_intent", "created": 0, "metadata": {"order_id": "7"}}


@pytest.mark.parametrize(
    ("path", "body", "order"),
    [
        ({}, b"amount=700&metadata[order_id]=8", "8"),
        ({"id": "pi_1"}, b"", "7"),
        ({"id": "pi_2"}, b"", None),
        ({}, b"payment_intent=pi_1&limit=100", "7"),
        ({}, b"limit=100", None),
        ({}, b"not a form", None),
    ],
)
def test_of_a_request(tmp_path: Path, path: dict[str, str], body: bytes, order: str | None) -> None:
    store = Store(tmp_path / "sandbox.sqlite3")
    with store.transaction() as tx:
        tx.put(INTENT)
        assert whose.of_request(tx, "payment_intent", path, body) == order
    store.close()


@pytest.mark.parametrize(
    ("item", "order"), [(INTENT, "7"), ({"metadata": {}}, None), ({"metadata": None}, None), ({}, None)]
)
def test_of_an_event(item: dict[str, object], order: str | None) -> None:
    assert whose.of_event({"data": {"object": item}}) == order
