"""A sale that is cancelled while its doors are open."""

import asyncio
from typing import Any

import pytest

from cluster.sale import hold as hold_module
from cluster.sale.doors import Doors
from cluster.sale.hold import hold
from cluster.sale.place import Place
from cluster.sale.plan import Plan
from cluster.sale.sale import Sale
from cluster.sale.stage import Stage

from .promises import promise


async def test_what_was_seen_until_a_sale_was_cancelled_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a sale in which one order was acknowledged, and that goes on and on,
    under_way = asyncio.Event()

    async def set_up(*_: Any) -> Stage:
        return Stage([], [])

    async def let_in(self: Doors, *_: Any) -> int:
        self.journal.reserved(promise())
        under_way.set()
        await asyncio.sleep(3_600)
        return 0

    monkeypatch.setattr(hold_module, "set_up", set_up)
    monkeypatch.setattr(Doors, "let_in", let_in)
    sale = Sale(plan=Plan(buyers=1, tickets=1))
    place = Place(url="http://127.0.0.1:9", is_own=False, jwt_key=None)
    # when it is cancelled,
    held = asyncio.create_task(hold(sale, place, lambda _: None))
    async with asyncio.timeout(10):
        await under_way.wait()
        held.cancel()
        with pytest.raises(asyncio.CancelledError):
            await held
    # then what was seen by then is known, and that nobody compared it.
    assert (sale.is_open, sale.promises, sale.is_compared, sale.unexpired) == (True, 1, False, 1)
    assert sale.took_s is not None
    assert sale.limits is not None
