"""The way to one supervisor: a connection to its listener, and the messages that wait for their replies."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from itertools import islice
from math import inf
from typing import cast

from msgspec import DecodeError

from actors.runtime.envelope import Envelope
from actors.runtime.frames import Frames, FrameTooLarge, framed, leaves_at_s
from actors.runtime.lessee import RENEW_EVERY_S
from actors.runtime.line import notice_death
from actors.runtime.listener import FRAME_MAX, Reach
from actors.runtime.message import Key, Leased, Message, OutcomeUnknown, Overloaded, Refused, Reply
from actors.runtime.patience import LOOK_EVERY_S, Patience
from actors.runtime.tasks import spawn
from actors.runtime.tenancy import Tenancy
from actors.runtime.wire import pack_call, unpack_word

PENDING_MAX = 20_000
"""Messages that may wait for their replies."""

CALL_MAX = 2_000
"""Messages in one frame."""

OPENS_WITHIN_S = 30.0
"""How long finding the supervisor, which may just be started again, and connecting may take together."""

PATIENT_S = 0.2
"""How long messages that can wait do so."""

LOST = "the connection is lost"

Find = Callable[[], Awaitable[Reach]]
"""Where the supervisor is; starts it where there is none."""


class Link(asyncio.Protocol):
    """Opens by itself, and is lost for ever once it fails: then every message it carried has an unknown outcome."""

    def __init__(self, find: Find, map_version: int, opens_within_s: float = OPENS_WITHIN_S) -> None:
        """To the one that `find` finds; what is sent rests on this version of the partition map."""
        self.is_lost = False
        self._opens_within_s = opens_within_s
        self._map_version = map_version
        self._frames = Frames(FRAME_MAX)
        self._transport: asyncio.Transport | None = None
        self._unsent: deque[tuple[asyncio.Future[Reply], Envelope, float]] = deque()
        self._pending: dict[int, tuple[asyncio.Future[Reply], Envelope, float]] = {}
        """Who waits, for the answer to what, and since when; so it is for what is not sent yet."""

        self._tenancy = Tenancy()
        self._patience = Patience()
        self._next = 0
        """The number of the next message that is sent."""

        self._flushing: asyncio.TimerHandle | None = None
        self._flush_at_s, self._flushed_at_s = inf, 0.0
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        spawn(self._open(find), self._tasks)

    def __len__(self) -> int:
        """How many messages wait for their replies."""
        return len(self._pending) + len(self._unsent)

    def ask(self, envelope: Envelope) -> asyncio.Future[Reply]:
        """The reply; whoever waits for it may vanish at any time."""
        future: asyncio.Future[Reply] = self._loop.create_future()
        while self._unsent and self._unsent[0][0].done():  # who asked before it was open may have gone
            self._unsent.popleft()
        if self.is_lost or len(self) >= PENDING_MAX:
            full = Overloaded(reason=f"{len(self)} messages wait for replies already")
            future.set_result(OutcomeUnknown(reason=LOST) if self.is_lost else full)
            return future
        now_s = self._loop.time()
        self._unsent.append((future, envelope, now_s))
        self._flush_by(now_s + PATIENT_S if envelope.message.can_wait else self._soon_s())
        return future

    def leased(self, key: Key, kind: type[Message]) -> Refused | None:
        """What the actor `key` would answer to a message of this kind, where that need not be asked."""
        return self._tenancy.refusal(key, kind, self._loop.time())

    def lose(self, why: str) -> None:
        """Give it up."""
        if self.is_lost:
            return
        self.is_lost = True
        self._tenancy.end()
        for task in self._tasks - {asyncio.current_task()}:
            task.cancel()
        if self._flushing is not None:
            self._flushing.cancel()
        if self._transport is not None:
            self._transport.abort()
        waiting = (*self._pending.values(), *self._unsent)
        self._pending, self._unsent = {}, deque()
        for future, _, _ in waiting:
            _settle(future, OutcomeUnknown(reason=why))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio calls it."""
        self._transport = cast("asyncio.Transport", transport)
        notice_death(transport)

    def data_received(self, data: bytes) -> None:
        """Asyncio calls it: replies, in any order."""
        self._patience.heard()
        try:
            for content in self._frames.feed(data):
                word = unpack_word(content)
                for number, reply in word.replies:
                    self._hear(number, reply)
                self._tenancy.hear(word)
                self._tell_news()
        except (FrameTooLarge, DecodeError) as error:
            self.lose(f"what came is no reply: {error}")

    def _hear(self, number: int, reply: Reply) -> None:
        asked = self._pending.pop(number, None)
        if asked is None:
            return
        future, envelope, at_s = asked
        if isinstance(reply, Leased):
            self._tenancy.keep(envelope.to.key, type(envelope.message), reply, at_s)
            reply = reply.refusal
        _settle(future, reply)

    def _tell_news(self) -> None:
        """The other end may wait for it: actors are about to change."""
        if self._tenancy.has_news:
            self._flush_by(self._soon_s())

    def connection_lost(self, error: Exception | None) -> None:
        """Asyncio calls it."""
        self.lose(f"{LOST}: {error}" if error else LOST)

    async def _open(self, find: Find) -> None:
        try:
            async with asyncio.timeout(self._opens_within_s):
                reach = await find()
                await self._loop.create_connection(lambda: self, reach.host, reach.port)
        except Exception as error:  # noqa: BLE001  Ray raises a class of error for each way a call can be lost
            self.lose(f"{type(error).__name__}: {(str(error).splitlines() or [''])[0][:200]}")
            return
        assert self._transport is not None, "connected"
        self._transport.write(framed(reach.key))
        self._flush()
        await asyncio.gather(self._watch(), self._renew_leases())

    async def _watch(self) -> None:
        """Give it up once its supervisor is silent for too long."""
        while not self.is_lost:
            await asyncio.sleep(LOOK_EVERY_S)
            if why := self._patience.look(*islice(self._pending, 1)):
                self.lose(why)

    async def _renew_leases(self) -> None:
        while not self.is_lost:
            await asyncio.sleep(RENEW_EVERY_S)
            self._tenancy.ask_for_more(self._loop.time())
            self._tell_news()

    def _soon_s(self) -> float:
        return leaves_at_s(self._flushed_at_s, len(self))

    def _flush_by(self, at_s: float) -> None:
        """Flush then, unless that happens sooner anyway."""
        if self._flush_at_s <= at_s or self._transport is None:
            return
        if self._flushing is not None:
            self._flushing.cancel()
        self._flush_at_s = at_s
        self._flushing = self._loop.call_at(at_s, self._flush)

    def _flush(self) -> None:
        """All that was asked meanwhile leaves together."""
        self._flushing, self._flush_at_s, self._flushed_at_s = None, inf, self._loop.time()
        while self._transport is not None and (self._unsent or self._tenancy.has_news):
            batch = self._number_next()
            call = self._tenancy.call(self._next, self._map_version, batch)
            try:
                frame = framed(pack_call(call))
            except Exception as defect:  # noqa: BLE001  whatever it is, who waits must hear of it
                self.lose(f"a message cannot be packed: {defect!r}")
                return
            self._transport.write(frame)
            self._tenancy.left(call, self._flushed_at_s)
            self._next += len(batch)

    def _number_next(self) -> list[Envelope]:
        """What is sent next, entered among what is waited for; not what nobody waits for any more."""
        batch: list[Envelope] = []
        while self._unsent and len(batch) < CALL_MAX:
            asked = self._unsent.popleft()
            if not asked[0].done():
                self._pending[self._next + len(batch)] = asked
                batch.append(asked[1])
        return batch


def _settle(future: asyncio.Future[Reply], reply: Reply) -> None:
    if not future.done():  # whoever waited has gone
        future.set_result(reply)
