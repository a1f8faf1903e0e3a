"""Two live copies of every supervisor, on purpose, on a real MongoDB: nothing is sold twice, nothing is left behind.

A network split or a slow shutdown can leave an old supervisor alive beside its successor. Ray gives no fencing token;
the version check of every commit is what keeps tickets single.
"""

import asyncio
import random
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest

from actors.alarm import Alarm
from actors.bootstrap import READ_AHEAD, behaviours
from actors.config import Config
from actors.contract import (
    ORDERS,
    SERVICES,
    TICKETS,
    Address,
    CancelOrder,
    CreateTicket,
    Grant,
    Granted,
    Id,
    Message,
    OrderReply,
    Refused,
    Reply,
    Reserve,
)
from actors.expiration import ExpirationBehaviour
from actors.opening import Database
from actors.runtime.behaviour import Behaviour
from actors.runtime.caller import Caller
from actors.runtime.clock import SystemClock
from actors.runtime.envelope import Envelope
from actors.runtime.lease import Lessor
from actors.runtime.message import Leased
from actors.runtime.mongo_store import MongoStore, prepare
from actors.runtime.partition import PartitionMap
from actors.runtime.placement import SharedPlacement
from actors.runtime.read_ahead import ReadAhead
from actors.runtime.supervisor import Limits, Supervisor
from actors.runtime.turn import Turns
from actors.runtime.vouching import Vouching
from tests.delivered import delivered

ONE_PARTITION = PartitionMap(version=1, partitions=1)
COPIES = 2


class Twins:
    """Two supervisors of every partition; each message goes to either."""

    def __init__(self, seed: int) -> None:
        self.supervisors: dict[str, list[Supervisor]] = {service: [] for service in SERVICES}
        self.dice = random.Random(seed)

    async def send(self, envelope: Envelope) -> Reply:
        either = self.dice.choice(self.supervisors[envelope.to.service])
        [reply] = await delivered(either, ONE_PARTITION.version, [envelope])
        return reply.refusal if isinstance(reply, Leased) else reply  # as a link does, which keeps the lease, too


@pytest.fixture
async def twins(database: Database) -> AsyncIterator[Twins]:
    await prepare(database, SERVICES)
    config = Config(mongo_url="", jwt_key="", stripe_key="", order_window_s=2)
    twins = Twins(seed=7)
    for service, behaviour in behaviours(config).items():
        twins.supervisors[service] = [supervisor(database, behaviour, twins) for _ in range(COPIES)]
    everyone = [copy for copies in twins.supervisors.values() for copy in copies]
    for copy in everyone:
        await copy.start()
    yield twins
    for copy in everyone:
        await copy.stop()


def supervisor(database: Database, behaviour: Behaviour, transport: Twins) -> Supervisor:
    """One copy, with a store of its own; wired as `build_supervisor` does it, but for Ray and Stripe."""
    clock = SystemClock()
    store = MongoStore(database, behaviour)
    lessor = Lessor(Vouching(store))
    ahead = ReadAhead(store) if behaviour.service in READ_AHEAD else None
    return Supervisor(
        behaviour=behaviour,
        partition=0,
        partition_map=ONE_PARTITION,
        store=store,
        clock=clock,
        placement=SharedPlacement(Turns(behaviour, store, clock, lessor, ahead), store, transport),
        task=Alarm(Caller(transport)) if isinstance(behaviour, ExpirationBehaviour) else None,
        limits=Limits(scan_every_s=1),
        lessor=lessor,
    )


async def test_a_rush_on_two_copies_sells_every_ticket_once_and_leaves_nothing_behind(
    twins: Twins, database: Database
) -> None:
    caller = Caller(twins)

    async def ask(service: str, key: Id, message: Message) -> Reply:
        return await caller.ask(Address(service=service, key=key), message, uuid.uuid4().hex, timeout_s=30)

    # Given twenty tickets,
    tickets = [Id() for _ in range(20)]
    await asyncio.gather(
        *(ask(TICKETS, each, CreateTicket(user_id=Id(), title="seat", price=1999)) for each in tickets)
    )

    # when four hundred people reserve them through either copy, five at a time, so that the next ones are read ahead
    # meanwhile, and half of the winners cancel,
    replies: list[Reply] = []
    for some in (tickets[:5], tickets[5:10], tickets[10:15], tickets[15:]):
        crowd = [each for each in some for _ in range(20)]
        replies += await asyncio.gather(*(ask(TICKETS, each, Reserve(order_id=Id(), user_id=Id())) for each in crowd))
    assert all(isinstance(reply, OrderReply | Granted | Refused) for reply in replies)
    won = {n // 20: grant for n, reply in enumerate(replies) if (grant := grant_of(reply))}
    assert len(won) == sum(grant_of(reply) is not None for reply in replies) == 20, "one winner a ticket"
    await until("every order is there", lambda: orders_missing(database, 20))
    cancelling = [won[n] for n in range(0, 20, 2)]
    answers = await asyncio.gather(*(ask(ORDERS, o.order_id, CancelOrder(user_id=o.user_id)) for o in cancelling))
    assert all(isinstance(answer, OrderReply) and answer.status == "cancelled" for answer in answers)

    # then the rest expires, every event arrives, and every ticket is on sale again.
    await until("nothing is left to say or to do", lambda: busy(database))
    assert await database.orders.count_documents({"status": "cancelled"}) == 20
    assert await database.tickets.count_documents({"hold": {"$exists": False}, "sold": False}) == 20
    assert await database.expiration.count_documents({}) == 0, "every timer is over"
    assert await database.payments.count_documents({}) == 0, "nobody has tried to pay"


def grant_of(reply: Reply) -> Grant | None:
    """What a winner holds: told by the order itself, or, to one who had to ask again, by the ticket."""
    match reply:
        case OrderReply():
            return Grant(order_id=reply.order_id, user_id=reply.user_id, hold_number=1)
        case Granted():
            return reply.grant
    return None


async def until(
    what: str, missing: Callable[[], Awaitable[object]], deadline: timedelta = timedelta(seconds=60)
) -> None:
    """Wait until nothing is `missing` for `what` to be so."""
    clock = SystemClock()
    end = clock.now() + deadline
    while lack := await missing():
        assert clock.now() < end, f"not so after {deadline}: {what}; missing {lack}"
        await asyncio.sleep(0.1)


async def orders_missing(database: Database, count: int) -> int:
    """How many orders fewer than `count` there are."""
    return count - await database.orders.count_documents({"ticket": {"$exists": True}})


async def busy(database: Database) -> list[str]:
    """What still has an outbox or a deadline, or is an order that is not over."""
    found = []
    for service in SERVICES:
        waiting = {"$or": [{"outbox.0": {"$exists": True}}, {"due": {"$exists": True}}]}
        found += [f"{service}/{each['_id']}" async for each in database[service].find(waiting, {"_id": 1})]
    return found + [str(each["_id"]) async for each in database.orders.find({"status": "created"}, {"_id": 1})]
