"""Checkout Sessions and time, as pure rules and within one file: sessions expire when their time has come."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.sandbox import checkouts, form
from cluster.sandbox.endpoints import ALL
from cluster.sandbox.engine import Job, execute
from cluster.sandbox.errors import RefusedError
from cluster.sandbox.filters import Filter
from cluster.sandbox.shapes import Json
from cluster.sandbox.store import Store
from tests.unit.sandbox.given import LINE, NOW, session

HALF_HOUR_S, DAY_S = 30 * 60, 24 * 60 * 60


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "sandbox.sqlite3")
    yield store
    store.close()


def call(store: Store, method: str, path: str, query: str = "", now: int = NOW, **names: str) -> Json:
    endpoint = next(one for one in ALL if (one.method, one.path) == (method, path))
    job = Job(
        endpoint=endpoint,
        path=path,
        names=names,
        fields=form.pairs(query.encode()),
        key=None,
        request_id="req_1",
        now=now,
        base_url="http://sandbox",
    )
    return execute(store, job).body


def create(store: Store) -> Json:
    price = "line_items[0][price_data]"
    query = (
        f"mode=payment&success_url=https://shop.test/&{price}[currency]=usd&{price}[unit_amount]=1999"
        f"&{price}[product_data][name]=A&line_items[0][quantity]=1"
    )
    return call(store, "POST", "/v1/checkout/sessions", query)


def event_types(store: Store) -> list[str]:
    with store.transaction() as tx:
        return [event["type"] for event in tx.page(Filter(kind="event"), 100)][::-1]


@pytest.mark.parametrize(
    ("life_s", "good"), [(HALF_HOUR_S - 1, False), (HALF_HOUR_S, True), (DAY_S - 1, True), (DAY_S, False)]
)
def test_a_session_lives_from_half_an_hour_to_a_day(life_s: int, good: bool) -> None:
    if good:
        assert session(expires_at=NOW + life_s)["expires_at"] == NOW + life_s
    else:
        with pytest.raises(RefusedError, match="expires_at"):
            session(expires_at=NOW + life_s)


def test_amounts_add_up_in_cents() -> None:
    assert session(line_items=[{**LINE, "quantity": 3}, LINE])["amount_total"] == 7996
    assert session()["currency"] == "usd"


def test_complete_and_expired_are_for_ever() -> None:
    for over in (checkouts.complete(session()), checkouts.expire(session())):
        assert over["url"] is None
        with pytest.raises(RefusedError, match=over["status"]):
            checkouts.expire(over)
        with pytest.raises(AssertionError):
            checkouts.complete(over)


@pytest.mark.parametrize(("age_s", "status"), [(DAY_S - 1, "open"), (DAY_S, "expired")])
def test_a_session_expires_when_its_time_has_come(store: Store, age_s: int, status: str) -> None:
    made = create(store)
    found = call(store, "GET", "/v1/checkout/sessions/{id}", now=NOW + age_s, id=made["id"])
    assert found["status"] == status
    assert event_types(store) == (["checkout.session.expired"] if status == "expired" else [])


def test_an_automatic_event_names_no_request(store: Store) -> None:
    create(store)
    events = call(store, "GET", "/v1/events", now=NOW + DAY_S)["data"]
    assert [one["request"] for one in events] == [{"id": None, "idempotency_key": None}]
    assert events[0]["data"]["object"]["status"] == "expired"


def test_a_refused_request_still_expires_what_is_overdue(store: Store) -> None:
    made = create(store)
    error = call(store, "POST", "/v1/checkout/sessions/{id}/expire", now=NOW + DAY_S, id=made["id"])["error"]
    assert "status of `expired`" in error["message"]
    assert event_types(store) == ["checkout.session.expired"]
