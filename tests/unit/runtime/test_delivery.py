"""An outbox on its way: in order for each subscriber, again and again until it is acknowledged."""

import asyncio

from actors.runtime.delivery import Delivery
from actors.runtime.envelope import ACKNOWLEDGED
from actors.runtime.message import Address, OutcomeUnknown, Overloaded, Refused, Reply, Unanswered
from actors.runtime.snapshot import OutboxEntry

from .fakes import DAWN, FakeTransport, now_s, virtually
from .toy import ANN, BOB, EMPTY, Changed

UNKNOWN = OutcomeUnknown(reason="lost")


def entry(name: str, *to: str) -> OutboxEntry:
    return OutboxEntry(name, DAWN, Changed(coins=1, to=to))


class Log(list[tuple[float, str, str, Reply]]):
    def __call__(self, entry: OutboxEntry, address: Address, reply: Reply) -> None:
        self.append((now_s(), entry.id, str(address), reply))


@virtually
async def test_everyone_hears_of_an_entry() -> None:
    log, transport = Log(), FakeTransport()
    delivery = Delivery(transport, log)
    delivery.take([entry("e1", ANN, BOB)])
    assert len(delivery) == 1
    await asyncio.sleep(1)
    assert transport.sent == [(0.0, "e1 to listeners/ann"), (0.0, "e1 to others/bob")]
    assert log == [(0.0, "e1", ANN, ACKNOWLEDGED), (0.0, "e1", BOB, ACKNOWLEDGED)]
    assert len(delivery) == 0


@virtually
async def test_the_next_goes_only_after_the_one_before_was_acknowledged() -> None:
    transport = FakeTransport(UNKNOWN, takes_s=1)
    delivery = Delivery(transport, Log())
    delivery.take([entry("e1", ANN), entry("e2", ANN)])
    await asyncio.sleep(9)
    assert transport.sent == [
        (0.0, "e1 to listeners/ann"),
        (1.05, "e1 to listeners/ann"),
        (2.05, "e2 to listeners/ann"),
    ]


@virtually
async def test_one_deaf_subscriber_holds_up_no_other() -> None:
    log, transport = Log(), FakeTransport(*[UNKNOWN, ACKNOWLEDGED, ACKNOWLEDGED])
    delivery = Delivery(transport, log)
    first, second = entry("e1", ANN), entry("e2", BOB)
    delivery.take([first, second])
    await asyncio.sleep(0.01)
    assert [each[1] for each in log] == ["e2"]
    assert (delivery.is_complete(first), delivery.is_complete(second), len(delivery)) == (False, True, 1)


@virtually
async def test_a_failure_is_retried_with_capped_backoff_and_shown() -> None:
    transport = FakeTransport(UNKNOWN, Overloaded(reason="full"), Unanswered(), *[UNKNOWN] * 6)
    delivery = Delivery(transport, Log())
    delivery.take([entry("e1", ANN)])
    await asyncio.sleep(10)
    assert delivery.troubles == {"e1 to listeners/ann": str(UNKNOWN)}
    await asyncio.sleep(10)
    assert [at for at, _ in transport.sent] == [0.0, 0.05, 0.15, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 11.4]
    assert (delivery.troubles, len(delivery)) == ({}, 0)


@virtually
async def test_a_refusal_is_an_answer() -> None:
    log = Log()
    Delivery(FakeTransport(EMPTY), log).take([entry("e1", ANN)])
    await asyncio.sleep(1)
    assert [each[3] for each in log] == [EMPTY]
    assert isinstance(EMPTY, Refused)


@virtually
async def test_what_is_under_way_is_not_taken_twice() -> None:
    transport = FakeTransport(takes_s=1)
    delivery = Delivery(transport, Log())
    delivery.take([entry("e1", ANN)])
    delivery.take([entry("e1", ANN), entry("e2", ANN)])
    await asyncio.sleep(9)
    assert [what for _, what in transport.sent] == ["e1 to listeners/ann", "e2 to listeners/ann"]


@virtually
async def test_closing_stops_at_once() -> None:
    log, transport = Log(), FakeTransport(takes_s=1)
    delivery = Delivery(transport, log)
    delivery.take([entry("e1", ANN)])
    await asyncio.sleep(0.5)
    delivery.close()
    await asyncio.sleep(9)
    assert (log, len(transport.sent), len(delivery)) == ([], 1, 1)


@virtually
async def test_a_defect_of_the_wire_is_retried_and_shown_like_any_failure() -> None:
    transport = FakeTransport(RuntimeError("defect"))
    delivery = Delivery(transport, Log())
    delivery.take([entry("e1", ANN), entry("e2", ANN)])
    await asyncio.sleep(0.01)
    assert list(delivery.troubles) == ["e1 to listeners/ann"]
    await asyncio.sleep(1)
    assert (delivery.troubles, len(delivery)) == ({}, 0)
    assert [name for _, name in transport.sent] == ["e1 to listeners/ann", *[f"e{n} to listeners/ann" for n in (1, 2)]]


@virtually
async def test_what_cannot_be_noted_holds_up_nobody_and_can_be_delivered_again() -> None:
    noted: list[str] = []

    def note(entry: OutboxEntry, _: Address, __: Reply) -> None:
        if not noted:
            noted.append("defect")
            raise RuntimeError("defect")
        noted.append(entry.id)

    delivery = Delivery(FakeTransport(), note)
    delivery.take([entry("e1", ANN), entry("e2", ANN)])
    await asyncio.sleep(1)
    delivery.take([entry("e1", ANN)])
    await asyncio.sleep(1)
    assert noted == ["defect", "e2", "e1"]
