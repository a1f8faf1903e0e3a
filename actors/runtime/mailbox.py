"""A mailbox: one message at a time, bounded, and a repeated operation joins the one under way."""

import asyncio
from collections import deque

from actors.runtime.envelope import UNANSWERED, Envelope
from actors.runtime.message import Overloaded, Reply

MAILBOX_MAX = 20_000
"""How many messages may wait for one actor."""


class Mailbox:
    """What waits for an actor, and who waits for its answers."""

    __slots__ = ("_abandoned", "_answers", "_held", "_queue")

    def __init__(self) -> None:
        """An empty mailbox."""
        self._queue: deque[Envelope] = deque()
        self._held: list[Envelope] = []
        self._answers: dict[str, asyncio.Future[Reply]] = {}
        self._abandoned: set[str] = set()
        """Operations under way whose askers have gone: they are not begun any more, and not held."""

    def __len__(self) -> int:
        """How many messages wait for their turn."""
        return len(self._queue)

    @property
    def unanswered(self) -> int:
        """How many operations have not been answered, held ones and those that wait for an order included."""
        return len(self._answers)

    def joined(self, op: str) -> asyncio.Future[Reply] | None:
        """The answer of an operation that is under way already; whoever asks waits for it again."""
        self._abandoned.discard(op)
        return self._answers.get(op)

    def put(self, envelope: Envelope) -> asyncio.Future[Reply] | Overloaded:
        """Queue a message; the future gets its reply and may be forgotten by whoever asked."""
        if len(self._queue) >= MAILBOX_MAX:
            return Overloaded(reason=f"{MAILBOX_MAX} messages wait for {envelope.to} already")
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._answers[envelope.op] = future
        self._queue.append(envelope)
        return future

    def take(self) -> Envelope | None:
        """The next message, None if there is none.

        What nobody waits for any more is left out: nothing of it has happened, and asked again it happens then. So
        a queue that grew while nothing could be done does not grant to people who left minutes ago.
        """
        while self._queue:
            envelope = self._queue.popleft()
            if envelope.op not in self._abandoned:
                return envelope
            self.answer(envelope.op, UNANSWERED)
        return None

    def answer(self, op: str, reply: Reply) -> None:
        """Give everyone who waits for this operation its reply."""
        self._abandoned.discard(op)
        future = self._answers.pop(op, None)
        if future is not None and not future.done():
            future.set_result(reply)

    def hold(self, envelope: Envelope) -> None:
        """Keep a question until the state has changed, if somebody still waits for its answer."""
        if envelope.op in self._abandoned:
            self.answer(envelope.op, UNANSWERED)
        else:
            self._held.append(envelope)

    def ask_again(self) -> None:
        """The state has changed: held questions are next."""
        self._queue.extendleft(reversed(self._held))
        self._held.clear()

    def let_go(self, op: str) -> None:
        """The asker's patience is over: a held question is answered with `Unanswered`, what runs goes on."""
        held = next((envelope for envelope in self._held if envelope.op == op), None)
        if held is not None:
            self._held.remove(held)
            self.answer(op, UNANSWERED)
        elif op in self._answers:
            self._abandoned.add(op)
