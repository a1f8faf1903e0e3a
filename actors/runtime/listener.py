"""Where a supervisor is reached: a listening socket. Messages come by the frame, each reply leaves once it is there.

A call through Ray costs a millisecond or two of processor time between both ends, and is answered as a whole: in a
crowd the refused would wait for the granted. A frame costs some tens of microseconds, and nobody waits for anybody.
"""

import asyncio
import hmac
import secrets
from collections.abc import Callable, Sequence
from typing import cast

from msgspec import DecodeError, Struct, ValidationError

from actors.runtime.envelope import Envelope
from actors.runtime.frames import Frames, FrameTooLarge, framed, leaves_at_s
from actors.runtime.hearing import Say
from actors.runtime.lease import Lessor
from actors.runtime.line import notice_death
from actors.runtime.message import Key, OutcomeUnknown, Reply
from actors.runtime.pulse import Pulse
from actors.runtime.tasks import log
from actors.runtime.tenant import Tenant
from actors.runtime.wire import Word, pack_word, unpack_call, unpack_rest

KEY_BYTES = 32
KEY_WITHIN_S = 5.0
"""How soon a visitor must show the key."""

STRANGERS_MAX = 1_000
"""Visitors who have not shown the key yet. Those who have are our own processes, however many there are."""

FRAME_MAX = 16 * 2**20
"""Bytes in one frame, some 50,000 messages."""

Take = Callable[[int, Sequence[Envelope], Say], None]
"""Hands messages, sent under a version of the partition map, to their actors; see `Supervisor.take`."""


class WrongKey(Exception):
    """A visitor does not know the key."""


class Reach(Struct, frozen=True):
    """Where a listener is, and the key that it lets in. Told through Ray alone: who may call Ray may send."""

    host: str
    port: int
    key: bytes

    def __repr__(self) -> str:
        """Without the key."""
        return f"Reach({self.host}:{self.port})"


class Listener:
    """Takes messages from everyone who has the key."""

    def __init__(self, take: Take, lessor: Lessor | None = None) -> None:
        """Hand all messages to `take`; visitors hold the leases of `lessor`, where there are any."""
        self._take = take
        self._lessor = lessor
        self._key = secrets.token_bytes(KEY_BYTES)
        self._visitors: set[_Visitor] = set()
        self._server: asyncio.Server | None = None
        self._pulse: Pulse | None = None

    async def open(self, host: str) -> Reach:
        """Listen on a free port of `host`. Call it in a context that no Ray call owns; see `tasks.own`."""
        self._pulse = Pulse(lambda: hang_up_on(self._visitors))
        server = self._server = await asyncio.get_running_loop().create_server(self._visitor, host, 0)
        port: int = server.sockets[0].getsockname()[1]
        return Reach(host, port, self._key)

    def close(self) -> None:
        """Listen no more, and hang up."""
        if self._server is not None:
            self._server.close()
        if self._pulse is not None:
            self._pulse.close()
        hang_up_on(self._visitors)

    def _visitor(self) -> "_Visitor":
        assert self._pulse is not None, "it is open"
        return _Visitor(self._take, self._lessor, self._key, self._visitors, self._pulse)


class _Visitor(asyncio.Protocol):
    """One connection: first the key, then calls."""

    def __init__(self, take: Take, lessor: Lessor | None, key: bytes, visitors: "set[_Visitor]", pulse: Pulse) -> None:
        self._take = take
        self._pulse = pulse
        self._tenant = Tenant(lessor, self._flush_soon) if lessor is not None else None
        self._key = key
        self._visitors = visitors
        self._is_known = False
        self._frames = Frames(KEY_BYTES)
        self._said: list[tuple[int, Reply]] = []
        self._owed = 0
        """How many messages are not answered yet."""

        self._is_flushing, self._flushed_at_s = False, 0.0
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        notice_death(transport)
        self._late = self._loop.call_later(KEY_WITHIN_S, self.hang_up)
        self._visitors.add(self)
        if sum(not each._is_known for each in self._visitors) > STRANGERS_MAX:
            self.hang_up()

    def connection_lost(self, error: Exception | None) -> None:
        self._visitors.discard(self)
        self._late.cancel()
        if self._tenant is not None:
            self._tenant.leave()

    def data_received(self, data: bytes) -> None:
        if self._pulse.has_stopped():
            # Those who said it have given up: nobody is to be granted what they left. Who is still there says it again.
            hang_up_on(self._visitors)
            return
        try:
            for content in self._frames.feed(data):
                if self._is_known:
                    self._serve(content)
                else:
                    self._let_in(content)
        except (WrongKey, FrameTooLarge, DecodeError) as error:
            log.warning("a visitor is sent away: %s", error)
            self.hang_up()

    # Whoever does not take his replies may not ask for more.
    def pause_writing(self) -> None:
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._transport.resume_reading()

    def hang_up(self) -> None:
        self._transport.abort()

    def _let_in(self, key: bytes) -> None:
        if not hmac.compare_digest(key, self._key):
            raise WrongKey("it has not shown the key")
        self._is_known = True
        self._late.cancel()
        self._frames.bytes_max = FRAME_MAX

    def _serve(self, content: bytes) -> None:
        try:
            call = unpack_call(content)
        except ValidationError as error:
            # Another version of us speaks: its messages are not taken, and it is told so; what it says of leases is.
            numbers, rest = unpack_rest(content)
            self._owed += len(numbers)
            if self._tenant is not None:
                self._tenant.hear(rest)
            for number in numbers:
                self._answer(number, OutcomeUnknown(reason=str(error)))
            return
        first = call.first
        self._owed += len(call.envelopes)
        if self._tenant is not None:
            self._tenant.hear(call)
        envelopes = call.envelopes
        self._take(call.map_version, envelopes, lambda n, reply: self._say(first + n, envelopes[n].to.key, reply))

    def _say(self, number: int, key: Key, reply: Reply) -> None:
        self._answer(number, reply if self._tenant is None else self._tenant.told(key, reply))

    def _answer(self, number: int, reply: Reply) -> None:
        self._owed -= 1
        self._said.append((number, reply))
        self._flush_soon()

    def _flush_soon(self) -> None:
        if not self._is_flushing:
            self._is_flushing = True
            self._loop.call_at(leaves_at_s(self._flushed_at_s, self._owed), self._flush)

    def _flush(self) -> None:
        """All that was said meanwhile leaves as one frame."""
        self._is_flushing, self._flushed_at_s = False, self._loop.time()
        said, self._said = self._said, []
        word = self._tenant.word(said) if self._tenant is not None else Word(said)
        if self._transport.is_closing():
            return
        try:
            self._transport.write(framed(pack_word(word)))
        except Exception as defect:  # noqa: BLE001  whatever it is, who waits for these replies must hear of it
            log.error("replies cannot be packed: %r", defect)
            self.hang_up()


def hang_up_on(visitors: "set[_Visitor]") -> None:
    """End all these connections: what they carried has an unknown outcome."""
    for visitor in list(visitors):
        visitor.hang_up()
