"""Messages whose actors find no room wait for it one by one, and for nobody who has gone."""

import asyncio
from typing import Any

import pytest

from actors.runtime import waiting_room
from actors.runtime.envelope import UNANSWERED, Answer, Envelope
from actors.runtime.message import Key, Overloaded
from actors.runtime.placement import NoRoom
from actors.runtime.waiting_room import WaitingRoom

from .fakes import envelope, virtually
from .toy import ANN, Changed, Count, Put


class House:
    """One place, which its guest leaves after a minute."""

    def __init__(self, is_stubborn: bool = False) -> None:
        self.is_full, self.is_stubborn = True, is_stubborn
        self.has_spare = False
        self.taken: list[str] = []
        self.room = WaitingRoom(self._activate, self._make_room)

    def _activate(self, _key: Key, *, is_spare: bool = False) -> Any:
        if self.is_full and not (is_spare and self.has_spare):
            raise NoRoom("it is full")
        return self

    async def _make_room(self) -> None:
        await asyncio.sleep(60)
        self.is_full = self.is_stubborn

    def submit(self, envelope: Envelope) -> Answer:
        self.taken.append(envelope.op)
        return Count(coins=len(self.taken))


@virtually
async def test_the_same_operation_waits_once() -> None:
    house = House()
    first, again = house.room.enter(envelope(Put(), "a")), house.room.enter(envelope(Put(), "a"))
    assert len(house.room) == 1
    assert await first == await again == Count(coins=1)
    assert (house.taken, len(house.room)) == (["a"], 0)


@virtually
async def test_it_is_bounded_those_included_who_have_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting_room, "WAITING_MAX", 2)
    house = House()
    waiting = [house.room.enter(envelope(Put(), op)) for op in ("gone", "patient")]
    house.room.let_go("gone")
    assert house.room.enter(envelope(Put(), "late")) == Overloaded(reason="2 messages wait for room already")
    assert house.room.enter(envelope(Put(), "patient")) is waiting[1]


@virtually
async def test_the_spare_place_is_for_what_others_publish() -> None:
    house = House(is_stubborn=True)
    house.has_spare = True
    wish, event = house.room.enter(envelope(Put(), "a")), house.room.enter(envelope(Changed(coins=1, to=(ANN,)), "b"))
    assert isinstance(await wish, Overloaded)
    assert await event == Count(coins=1)


@virtually
async def test_nothing_is_begun_for_who_has_gone() -> None:
    house = House()
    gone, patient = house.room.enter(envelope(Put(), "gone")), house.room.enter(envelope(Put(), "patient"))
    house.room.let_go("gone")
    assert (await gone, await patient) == (UNANSWERED, Count(coins=1))
    assert house.taken == ["patient"]


@virtually
async def test_nobody_leaves_for_who_has_gone_before_its_turn() -> None:
    house = House()
    gone = house.room.enter(envelope(Put(), "gone"))
    house.room.let_go("gone")
    assert (await gone, house.is_full) == (UNANSWERED, True)


@virtually
async def test_who_comes_back_in_time_is_served() -> None:
    house = House()
    house.room.enter(envelope(Put(), "a"))
    house.room.let_go("a")
    assert await house.room.enter(envelope(Put(), "a")) == Count(coins=1)


@virtually
async def test_where_nobody_leaves_everyone_hears_so() -> None:
    house = House(is_stubborn=True)
    assert await house.room.enter(envelope(Put(), "a")) == Overloaded(reason="it is full")
