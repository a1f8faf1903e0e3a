"""A link that opens when those who asked first have left already."""

import asyncio

import pytest

from actors.runtime import link as link_module
from actors.runtime.link import Link
from actors.runtime.listener import Reach
from actors.runtime.message import Overloaded

from .fakes import envelope, virtually
from .test_lease_ages import Wire
from .toy import Put


class LateWire(Wire):
    """The other end, found when `open` is called."""

    def __init__(self) -> None:
        super().__init__()
        self._found: asyncio.Future[Reach] = asyncio.get_running_loop().create_future()
        self.late = Link(self._find, map_version=4)

    async def _find(self) -> Reach:
        async def connect(protocol: object, *_: object) -> None:
            protocol().connection_made(self)  # type: ignore[operator]

        asyncio.get_running_loop().create_connection = connect  # type: ignore[method-assign, assignment]
        return await self._found

    async def open(self) -> None:
        self._found.set_result(Reach("", 0, b"the key"))
        await asyncio.sleep(0.1)

    def ops(self) -> list[str]:
        return [each.op for call in self.calls for each in call.envelopes]


@virtually
async def test_what_was_asked_by_who_has_left_is_not_sent() -> None:
    """Else the first tickets after an outage would go to people who gave up long ago."""
    wire = LateWire()
    gone, there, left = (wire.late.ask(envelope(Put(), op)) for op in ("gone", "there", "left"))
    gone.cancel()
    left.cancel()
    await wire.open()
    assert wire.ops() == ["there"]
    assert (len(wire.late), there.done()) == (1, False)


@virtually
async def test_who_has_left_takes_no_place_from_who_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "PENDING_MAX", 2)
    wire = LateWire()
    asked = [wire.late.ask(envelope(Put(), op)) for op in ("a", "b", "c")]
    assert isinstance(await asked[2], Overloaded)
    asked[0].cancel()
    assert not wire.late.ask(envelope(Put(), "d")).done()
    await wire.open()
    assert wire.ops() == ["b", "d"]
