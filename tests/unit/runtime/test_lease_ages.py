"""Both ends of a lease on the wire: how old it is, and when it counts as given back."""

import asyncio
from collections.abc import Sequence
from typing import Any

from actors.runtime.frames import HEAD, framed
from actors.runtime.lease import LEASE_FOR_S
from actors.runtime.lessee import RENEW_EVERY_S
from actors.runtime.link import Link
from actors.runtime.listener import Reach
from actors.runtime.message import Key, Leased, Refused
from actors.runtime.tenant import Tenant
from actors.runtime.wire import Call, Gift, Word, pack_word, unpack_call

from .fakes import envelope, fresh, lessor_of, now_s, virtually
from .toy import EMPTY, KEY, Take

ANOTHER = "another"
LEASED = Leased(refusal=EMPTY, version=0, for_s=LEASE_FOR_S)
SHORTLY_S = 1 / 64


class Wire(asyncio.Transport):
    """What a link is connected with, its socket included: the test plays the other end."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []

    async def link(self) -> Link:
        """A link that is open; its first call, with a question about `KEY`, has just left."""

        async def find() -> Reach:
            return Reach("", 0, b"the key")

        async def connect(protocol: Any, *_: Any) -> None:
            protocol().connection_made(self)

        asyncio.get_running_loop().create_connection = connect  # type: ignore[assignment,method-assign]
        self._link = Link(find, map_version=4)
        self._link.ask(envelope(Take()))
        await asyncio.sleep(0)
        return self._link

    def say(self, word: Word) -> None:
        self._link.data_received(framed(pack_word(word)))

    def renewals(self) -> list[Sequence[tuple[Key, int]]]:
        """The leases of each question whether they can begin anew."""
        return [each.renew for each in self.calls if each.renew]

    def write(self, data: Any) -> None:
        if data != framed(b"the key"):
            self.calls.append(unpack_call(data[HEAD:]))

    def get_extra_info(self, _name: str, _default: Any = None) -> Any:
        return self

    def setsockopt(self, *_: Any) -> None:
        """Nothing is to be set."""


async def around(link: Link, at_s: float) -> list[Refused | None]:
    """What the link says for the actor shortly before this moment, and at it."""
    loop, said = asyncio.get_running_loop(), []
    for moment_s in (at_s - SHORTLY_S, at_s):
        await asyncio.sleep(moment_s - loop.time())
        said.append(link.leased(KEY, Take))
    return said


def call(returned: int = 0) -> Call:
    return Call(0, 4, [], returned)


@virtually
async def test_a_lease_is_as_old_as_its_question() -> None:
    wire = Wire()
    link = await wire.link()
    await asyncio.sleep(0.25)
    wire.say(Word([(0, LEASED)]))
    assert await around(link, LEASE_FOR_S) == [EMPTY, None]


@virtually
async def test_a_renewed_lease_is_as_old_as_the_question() -> None:
    wire = Wire()
    link = await wire.link()
    wire.say(Word([(0, LEASED)]))
    await asyncio.sleep(RENEW_EVERY_S + 0.25)
    assert wire.renewals() == [[(KEY, 0)]]
    wire.say(Word([], renewed=[KEY]))
    assert await around(link, RENEW_EVERY_S + LEASE_FOR_S) == [EMPTY, None]


@virtually
async def test_only_one_question_about_leases_is_under_way() -> None:
    """The answer to the first would be taken for the second's, and count for longer than it was given for."""
    wire = Wire()
    link = await wire.link()
    wire.say(Word([(0, LEASED)]))
    await asyncio.sleep(0.75)
    link.ask(envelope(Take(), "again"))
    await asyncio.sleep(0.01)
    wire.say(Word([(1, LEASED)]))
    await asyncio.sleep(0.49)
    assert wire.renewals() == [[(KEY, 0)]]

    wire.say(Word([], renewed=[]))
    await asyncio.sleep(0.5)
    assert wire.renewals() == [[(KEY, 0)]] * 2


@virtually
async def test_what_is_taken_back_in_the_word_that_grants_it_is_no_lease() -> None:
    for word in (Word([(0, LEASED)], [KEY]), Word([], [KEY], given=[Gift(KEY, Take, LEASED)], given_after=1)):
        wire = Wire()
        link = await wire.link()
        wire.say(word)
        assert link.leased(KEY, Take) is None


@virtually
async def test_a_holder_says_how_many_it_has_given_back() -> None:
    wire = Wire()
    await wire.link()
    for keys in ([KEY, ANOTHER], [KEY]):
        wire.say(Word([], keys))
        await asyncio.sleep(SHORTLY_S)
    assert [each.returned for each in wire.calls] == [0, 2, 3]


@virtually
async def test_a_lease_counts_as_given_back_once_its_holder_says_so() -> None:
    tenant = Tenant(lessor_of(), lambda: None)
    first, second = tenant.take_back(KEY), tenant.take_back(ANOTHER)
    tenant.hear(call(returned=0))
    assert (first.done(), second.done()) == (False, False)
    tenant.hear(call(returned=1))
    assert (first.done(), second.done()) == (True, False)
    tenant.hear(call(returned=2))
    assert second.done()


@virtually
async def test_gifts_of_one_word_are_as_old_as_the_call_before_the_first() -> None:
    tenant = Tenant(lessor_of(), lambda: None)
    for key in (KEY, ANOTHER):
        tenant.hear(call())
        tenant.give(key, Take, LEASED)
    assert tenant.word([]).given_after == 1


@virtually
async def test_a_visitor_who_has_left_counts_until_its_lease_has_run_out() -> None:
    lessor = lessor_of()
    tenant = Tenant(lessor, lambda: None)
    tenant.told(KEY, lessor.grant(KEY, EMPTY, fresh()))
    await asyncio.sleep(0.25)
    tenant.leave()
    await lessor.end(KEY)
    assert now_s() == LEASE_FOR_S


@virtually
async def test_a_lease_that_ends_before_its_reply_leaves_is_not_told() -> None:
    lessor = lessor_of()
    tenant, granted = Tenant(lessor, lambda: None), lessor.grant(KEY, EMPTY, fresh())
    await lessor.end(KEY)
    assert now_s() == 0, "nobody has heard of it yet, so nobody is asked for it"
    assert tenant.told(KEY, granted) == EMPTY
    assert lessor.holders == set()
