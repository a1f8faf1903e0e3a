"""Refunds that end late: nobody has to look at one."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from cluster.sandbox.background import Background
from cluster.sandbox.deliverer import Deliverer
from cluster.sandbox.endpoints import late_refunds, ledger, refunds
from cluster.sandbox.endpoints.late_refunds import LATE_S
from cluster.sandbox.filters import Filter
from cluster.sandbox.service import Service
from cluster.sandbox.shapes import Json
from cluster.sandbox.store import Store
from tests.unit.sandbox.given import NOW, confirmed


class Bank:
    """A sandbox on a clock of its own, and what it does by itself."""

    def __init__(self, service: Service, client: httpx.AsyncClient) -> None:
        self.service = service
        self.background = Background(service, Deliverer(service, service.faults, client))

    def give_back(self, card: str) -> Json:
        """Refund a payment with this card."""
        paid = confirmed(card)
        assert paid.charge is not None
        with self.service.store.transaction() as tx:
            tx.put(paid.intent)
            tx.put(paid.charge)
            call = self.service.call(tx)
            call.params["charge"] = paid.charge["id"]
            return refunds.create(call).body

    def status(self, refund: Json) -> str:
        """What it is, without looking as a client does."""
        with self.service.store.transaction() as tx:
            return str((tx.get("refund", refund["id"]) or {})["status"])

    def events(self) -> list[Json]:
        """What was told, oldest first."""
        with self.service.store.transaction() as tx:
            return tx.page(Filter(kind="event"), 10)[::-1]

    async def tidy(self, now: float) -> None:
        self.service.clock = lambda: now
        await self.service.in_transaction(self.background.tidy)


@pytest.fixture
async def bank(tmp_path: Path) -> AsyncIterator[Bank]:
    service = Service(Store(tmp_path / "sandbox.sqlite3"), lambda: NOW)
    async with httpx.AsyncClient() as client:
        yield Bank(service, client)
    service.close()


@pytest.mark.parametrize(
    ("card", "first", "last", "told"),
    [
        ("pendingRefund", "pending", "succeeded", ["refund.updated"]),
        ("refundFail", "succeeded", "failed", ["refund.updated", "refund.failed"]),
    ],
)
async def test_one_ends_by_itself_and_tells(bank: Bank, card: str, first: str, last: str, told: list[str]) -> None:
    refund = bank.give_back(card)
    before = len(bank.events())
    await bank.tidy(NOW + LATE_S - 1)
    assert bank.status(refund) == first
    await bank.tidy(NOW + LATE_S)
    assert bank.status(refund) == last
    await bank.tidy(NOW + 2 * LATE_S)
    since = bank.events()[before:]
    assert [event["type"] for event in since] == told
    assert {event["request"]["id"] for event in since} == {None}


async def test_one_that_was_looked_at_is_over(bank: Bank) -> None:
    refund = bank.give_back("refundFail")
    with bank.service.store.transaction() as tx:
        assert late_refunds.settle(bank.service.call(tx), refund)["status"] == "failed"
    told = bank.events()
    await bank.tidy(NOW + LATE_S)
    assert bank.events() == told


async def test_until_then_the_ledger_counts_it_as_pending(bank: Bank) -> None:
    bank.give_back("pendingRefund")
    with bank.service.store.transaction() as tx:
        (row,) = ledger.show(bank.service.call(tx)).body["data"]
    assert (row["captured"], row["refunded"], row["refund_pending"]) == (1000, 0, 1000)


async def test_any_other_is_over_at_once(bank: Bank) -> None:
    refund = bank.give_back("visa")
    told = bank.events()
    await bank.tidy(NOW + LATE_S)
    assert (bank.status(refund), bank.events()) == ("succeeded", told)
