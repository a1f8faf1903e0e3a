"""Where few may live at once, tickets that wait for room for orders and orders that wait for tickets all get it."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from actors.contract import ORDERS, TICKETS, CancelOrder, CreateTicket, Id, OrderReply, Reserve, TicketReply
from actors.order import OrderBehaviour
from actors.runtime.behaviour import Behaviour
from actors.runtime.caller import Caller
from actors.runtime.delivery import Transport
from actors.runtime.envelope import ACKNOWLEDGED, Envelope
from actors.runtime.memory_store import MemoryStore
from actors.runtime.message import Address, Key, Message, Refused, Reply
from actors.runtime.partition import PartitionMap
from actors.runtime.placement import Hosted, NoRoom, SharedPlacement
from actors.runtime.snapshot import Snapshot
from actors.runtime.supervisor import Supervisor
from actors.runtime.turn import Turns
from actors.ticket import TicketBehaviour
from tests.delivered import delivered

from .fakes import clock, virtually

SELLER = Id()
A_WHILE_S = 600


class SlowStore(MemoryStore):
    async def commit(self, snapshot: Snapshot, due: datetime | None) -> None:
        await asyncio.sleep(0.005)
        await super().commit(snapshot, due)


class Rooms(SharedPlacement):
    """So many at once, as dedicated actors have it, without their processes."""

    def __init__(self, behaviour: Behaviour, store: MemoryStore, transport: Transport, rooms: int) -> None:
        super().__init__(Turns(behaviour, store, clock()), store, transport)
        self._rooms, self._guests = rooms, set[Key]()

    def place(self, key: Key, changed: Callable[[Hosted], None], *, is_spare: bool = False) -> Hosted:
        if len(self._guests) >= self._rooms + is_spare:
            raise NoRoom("every room is taken")
        self._guests.add(key)
        return super().place(key, changed)

    async def leave(self, actor: Hosted) -> bool:
        await asyncio.sleep(0.001)
        if actor.is_idle:
            self._guests.discard(actor.key)
        return actor.is_idle


class House:
    """Tickets and orders, each with so many rooms, on what an earlier house has stored, if there was one."""

    def __init__(self, rooms: int, stores: dict[str, MemoryStore] | None = None) -> None:
        rules = (TicketBehaviour(), OrderBehaviour(timedelta(minutes=15)))
        self.stores = stores or {each.service: SlowStore(each) for each in rules}
        self._supervisors = {
            each.service: Supervisor(
                behaviour=each,
                partition=0,
                partition_map=PartitionMap(1, 1),
                store=(store := self.stores[each.service]),
                clock=clock(),
                placement=Rooms(each, store, self, rooms),
            )
            for each in rules
        }

    async def open(self) -> "House":
        for each in self._supervisors.values():
            await each.start()
        return self

    async def close(self) -> None:
        for each in self._supervisors.values():
            await each.stop()

    async def send(self, envelope: Envelope) -> Reply:
        await asyncio.sleep(0.001)
        supervisor = self._supervisors.get(envelope.to.service)
        if supervisor is None:
            return ACKNOWLEDGED  # timers and payments have room for everybody
        [reply] = await delivered(supervisor, 1, [envelope])
        return reply

    def leased(self, to: Address, kind: type[Message]) -> Refused | None:
        return None

    async def ask(self, service: str, key: Key, message: Message) -> Reply:
        """The reply, asked for until there is room."""
        reply: Any = None
        for n in range(100):
            reply = await Caller(self).ask(Address(service=service, key=key), message, f"{key}/{message}")
            if isinstance(reply, OrderReply | TicketReply | Refused):
                return reply
            await asyncio.sleep(0.1 + n / 100)
        return reply  # type: ignore[no-any-return]

    async def listed(self, count: int) -> list[Id]:
        tickets = [Id() for _ in range(count)]
        for ticket in tickets:
            await self.ask(TICKETS, ticket, CreateTicket(user_id=SELLER, title="Front row", price=100))
        return tickets

    async def reserve(self, ticket: Id, order: Id, buyer: Id) -> Reply:
        return await self.ask(TICKETS, ticket, Reserve(order_id=order, user_id=buyer))

    async def give_back(self, order: Id, buyer: Id) -> Reply:
        return await self.ask(ORDERS, order, CancelOrder(user_id=buyer))

    def unsaid(self) -> int:
        """How many still have something to say."""
        return sum(bool(each.get("outbox")) for store in self.stores.values() for each in store.documents.values())


@virtually
async def test_one_reserves_in_the_moment_in_which_another_gives_back() -> None:
    house = await House(rooms=1).open()
    first, second = await house.listed(2)
    ann, bob, hers, his = Id(), Id(), Id(), Id()
    assert isinstance(await house.reserve(second, his, bob), OrderReply)
    await asyncio.sleep(10)

    await asyncio.gather(house.give_back(his, bob), house.reserve(first, hers, ann))

    await asyncio.sleep(A_WHILE_S)
    assert house.unsaid() == 0


@pytest.mark.parametrize("seed", range(3))
@virtually
async def test_a_crowd_that_reserves_and_gives_back_comes_to_an_end_and_is_taken_up_anew(seed: int) -> None:
    house, chance = await House(rooms=4).open(), Random(seed)
    tickets = await house.listed(20)

    async def buyer() -> None:
        for _ in range(20):
            order, who = Id(), Id()
            if isinstance(await house.reserve(chance.choice(tickets), order, who), OrderReply):
                await asyncio.sleep(chance.uniform(0, 1))
                await house.give_back(order, who)
            await asyncio.sleep(chance.uniform(0, 0.2))

    crowd = asyncio.gather(*(buyer() for _ in range(20)))
    await asyncio.sleep(3)
    await house.close()
    assert house.unsaid() > 0, "it was in the middle of things"
    again = await House(rooms=4, stores=house.stores).open()
    crowd.cancel()

    await asyncio.sleep(A_WHILE_S)
    assert again.unsaid() == 0
