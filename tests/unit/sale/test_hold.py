"""A sale that is cancelled while its doors are open, or while it waits for expiries."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from bson import ObjectId

from cluster.sale import hold as hold_module
from cluster.sale.api_witness import ApiWitness
from cluster.sale.doors import Doors, Late
from cluster.sale.hold import hold
from cluster.sale.observer import Observer
from cluster.sale.place import Place
from cluster.sale.plan import Plan
from cluster.sale.promise import Promise
from cluster.sale.sale import Sale
from cluster.sale.stage import Stage

from .promises import promise


async def cancelled(under_way: asyncio.Event, url: str = "http://127.0.0.1:9") -> Sale:
    """A sale that is cancelled once something is `under_way` in it."""
    sale = Sale(plan=Plan(buyers=1, tickets=1), url=url)
    held = asyncio.create_task(hold(sale, Place(url=url, is_own=False, jwt_key=None), lambda _: None))
    async with asyncio.timeout(10):
        await under_way.wait()
        held.cancel()
        with pytest.raises(asyncio.CancelledError):
            await held
    return sale


async def set_up(*_: Any) -> Stage:
    return Stage([], [], name="Flash sale 1")


@pytest.mark.parametrize(("url", "is_here"), [("http://127.0.0.1:9", True), ("http://192.0.2.1", False)])
async def test_what_was_seen_until_a_sale_was_cancelled_is_kept(
    monkeypatch: pytest.MonkeyPatch, url: str, is_here: bool
) -> None:
    # Given a sale in which one order was acknowledged, and that goes on and on,
    under_way = asyncio.Event()

    async def let_in(self: Doors, *_: Any) -> int:
        self.journal.reserved(promise())
        under_way.set()
        await asyncio.sleep(3_600)
        return 0

    monkeypatch.setattr(hold_module, "set_up", set_up)
    monkeypatch.setattr(Doors, "let_in", let_in)
    # when it is cancelled,
    sale = await cancelled(under_way, url)
    # then what was seen by then is known, and that nobody compared it.
    assert (sale.is_open, sale.promises, sale.is_compared, sale.unexpired) == (True, 1, False, 1)
    assert sale.took_s is not None
    assert sale.limits is not None
    # and which sale it was, and whether the server shared its machine.
    assert (sale.name, sale.started_at is not None, sale.limits.shares_machine) == ("Flash sale 1", True, is_here)


async def test_what_expired_until_nobody_waited_any_more_is_not_left_to_expire(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a sale that waits for its only order, which has expired by then,
    under_way = asyncio.Event()

    async def let_in(self: Doors, *_: Any) -> Late:
        self.journal.reserved(promise(abandoned=True))
        return Late(0, 0)

    async def over(self: ApiWitness, promises: Sequence[Promise]) -> set[ObjectId]:
        return {each.order_id for each in promises}

    async def wait_for_expiry(self: Observer, _: float) -> None:
        await self.look()
        under_way.set()
        await asyncio.sleep(3_600)

    monkeypatch.setattr(hold_module, "set_up", set_up)
    monkeypatch.setattr(Doors, "let_in", let_in)
    monkeypatch.setattr(ApiWitness, "over", over)
    monkeypatch.setattr(Observer, "wait_for_expiry", wait_for_expiry)
    # when it is cancelled,
    sale = await cancelled(under_way)
    # then it says only once what became of the order.
    assert (sale.figures.total("expired"), sale.unexpired) == (1, 0)
