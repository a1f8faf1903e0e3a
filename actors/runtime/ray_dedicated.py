"""Dedicated placement: every live actor is a Ray actor of its own, named `ticket:<id>`."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import ray
from ray.actor import ActorHandle
from ray.exceptions import RayActorError

from actors.runtime.actor import Actor
from actors.runtime.envelope import UNANSWERED, Answer, Envelope
from actors.runtime.hearing import Say, hand_over
from actors.runtime.link import Link
from actors.runtime.listener import Reach
from actors.runtime.message import Key, Message, OutcomeUnknown, Reply
from actors.runtime.placement import Changed, Hosted, NoRoom
from actors.runtime.ray_transport import answer_of, listen
from actors.runtime.tasks import log, own

CONCURRENT_CALLS_MAX = 100

NO_MAP = 0
"""The version of the partition map in messages to one actor: its supervisor has compared it already."""

STARTS_WITHIN_S = 300.0
"""How long the first message waits for its process, once that may be started."""

STARTS_AT_ONCE_MAX = 2
"""How many processes one supervisor starts at a time. A storm of them thrashes a small machine until Ray, which waits a
minute for each, gives them up and starts others: one after the other is much sooner."""

REPORTS_WITHIN_S = 2.0
"""How long a process may take to say what it does; the whole status is to be there within five seconds."""

NOTHING: tuple[int, dict[str, str]] = (0, {})
"""What an actor that lives nowhere has to deliver, and tries again."""

LEAVING = OutcomeUnknown(reason="this actor is just leaving memory")
"""Whoever hears it asks again a moment later, and its successor takes the message."""

Build = Callable[[Key], Coroutine[Any, Any, Actor]]
"""Makes the actor in the process that will run it."""


class RayActor:
    """The process of one dedicated actor."""

    async def __init__(self, build: Build, key: Key, patience_s: float) -> None:  # type: ignore[misc]  # Ray awaits it
        """Build the actor and let it deliver what an earlier process left."""
        self._actor = await build(key)
        self._patience_s = patience_s
        self._is_leaving = False
        try:
            await self._actor.refresh()
        except Exception as error:  # noqa: BLE001  Ray gives up an actor whose constructor fails, and starts another
            log.warning("%s cannot look at its snapshot yet, and tries again when it is asked: %r", key, error)
        self._reach = await listen(self._take)

    async def reach(self) -> Reach:
        """Where messages for it are taken; answered once the constructor is done."""
        return self._reach

    def _take(self, _map_version: int, envelopes: Sequence[Envelope], say: Say) -> None:
        """Hand messages to the actor; `Unanswered` where patience ends first."""

        def said(n: int, reply: Reply) -> None:
            if reply is UNANSWERED:
                self._actor.let_go(envelopes[n].op)
            say(n, reply)

        hand_over(envelopes, self._accept, self._patience_s, said)

    def _accept(self, envelope: Envelope) -> Answer:
        return LEAVING if self._is_leaving else self._actor.submit(envelope)

    async def refresh(self) -> None:
        """Deliver what the stored outbox still holds."""
        await self._actor.refresh()

    async def report(self) -> tuple[int, dict[str, str]]:
        """How many outbox entries somebody has yet to acknowledge, and which deliveries fail at present, and why."""
        return self._actor.undelivered, dict(self._actor.troubles)

    async def leave(self) -> bool:
        """Whether it has nothing to do; if so it takes no further message."""
        self._is_leaving = self._actor.is_idle
        return self._is_leaving


class RemoteActor:
    """A dedicated actor as its supervisor sees it."""

    snapshot = None

    def __init__(self, key: Key, start: Callable[[], ActorHandle[Any]], starts: asyncio.Semaphore) -> None:
        """Reach the actor `key`; `start` it, or find it, when the first message comes, and `starts` lets it."""
        self.key = key
        self._start = start
        self._starts = starts
        self._starting = asyncio.Lock()
        self._leaving = asyncio.Lock()
        self._handle: ActorHandle[Any] | None = None
        self.undelivered, self.troubles = NOTHING
        """What its process said of itself, when it was last looked at."""

        self._link: Link | None = None
        self._pending: dict[str, asyncio.Future[Reply]] = {}
        """Operations that are not answered yet."""

        self._at_the_door: dict[str, Envelope] = {}
        """Those of them whose messages wait until its process has started."""

        self._opening: asyncio.Task[None] | None = None
        """Opens the door, once; whatever comes to it later finds the next."""

    @property
    def queued(self) -> int:
        """Messages that are not answered yet."""
        return len(self._pending)

    @property
    def is_idle(self) -> bool:
        """Whether nobody waits for it; whether it has something to deliver only its process knows."""
        return not self._pending and not self._starting.locked()

    def submit(self, envelope: Envelope) -> Answer:
        """Take a message; for the next one after its process was lost, it is started again."""
        known = self._pending.get(envelope.op)
        if known is not None:
            return known
        answer = self._pending[envelope.op] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(lambda _: self._pending.pop(envelope.op))
        if self._link is not None and not self._link.is_lost:
            self._pass_on(envelope, self._link)
        else:
            self._at_the_door[envelope.op] = envelope
            if self._opening is None or self._opening.done():
                self._opening = own(self._open())
        return answer

    def tell(self, op: str, message: Message) -> Reply:
        """Refuse: dedicated actors have no timers and no tasks."""
        raise NotImplementedError(f"{self.key} cannot be told {message}: no timer and no task serves it")

    def let_go(self, op: str) -> None:
        """What still waits for its process to start is not begun for who has gone; from then on that lets go itself."""
        if self._at_the_door.pop(op, None) is not None:
            self._answer(op, UNANSWERED)

    async def _open(self) -> None:
        """Let those in who wait at the door; if its process cannot be found or started, they hear why."""
        try:
            reach = await self._find()
        except Exception as error:  # noqa: BLE001  Ray raises a class of error for each way a start can fail
            for op in self._at_the_door:
                self._answer(op, OutcomeUnknown.after(error))
        else:
            link = self._link = Link(partial(_known, reach), NO_MAP)
            for envelope in self._at_the_door.values():
                self._pass_on(envelope, link)
        self._at_the_door.clear()

    def _pass_on(self, envelope: Envelope, link: Link) -> None:
        link.ask(envelope).add_done_callback(lambda reply: self._answer(envelope.op, reply.result()))

    def _answer(self, op: str, reply: Reply) -> None:
        future = self._pending.get(op)
        if future is not None and not future.done():  # else whoever waited has gone
            future.set_result(reply)

    async def refresh(self) -> None:
        """Let its process look at the stored snapshot."""
        handle = await self._live()
        try:
            await answer_of(handle.refresh.remote())
        except (RayActorError, TimeoutError) as error:
            self._give_up(handle, error)
            raise

    async def look(self) -> None:
        """Ask its process what it has to deliver, and what it tries again; none has nothing."""
        if self._handle is None:
            self.undelivered, self.troubles = NOTHING
            return
        try:
            self.undelivered, self.troubles = await answer_of(self._handle.report.remote(), REPORTS_WITHIN_S)
        except Exception as error:  # noqa: BLE001  Ray raises a class of error for each way a call can be lost
            self.troubles = {str(self.key): f"its process does not say what it does: {error!r}"}

    def due(self) -> datetime | None:
        """Never: see `tell`."""
        return None

    def close(self) -> None:
        """End its process, whatever it does; the store knows how to continue."""
        if self._opening is not None:
            self._opening.cancel()
            self._opening = None
        for op in list(self._at_the_door):
            self.let_go(op)
        if self._link is not None:
            self._link.lose("its actor has left memory")
        handle, self._handle = self._handle, None
        if handle is not None:  # forgotten first: should the kill fail, its process ends with the handle
            ray.kill(handle)

    async def leave(self) -> bool:
        """End its process if it has nothing to do, or does not say: then nobody knows whether it takes messages."""
        async with self._leaving:
            if self._handle is None:
                return True
            try:
                may_end = await answer_of(self._handle.leave.remote())
            except Exception as error:  # noqa: BLE001  Ray raises a class of error for each way a call can be lost
                log.warning("the process of %s is ended, for it does not answer: %r", self.key, error)
                may_end = True
            if may_end:
                self.close()
            return bool(may_end)

    async def _live(self) -> ActorHandle[Any]:
        """Its process, started by the first who needs it: Ray ends an actor with the handle it was made by."""
        async with self._starting:
            if self._handle is None:
                async with self._starts:
                    self._handle = await self._started()
            return self._handle

    async def _started(self) -> ActorHandle[Any]:
        """Its process, which has started once it says where it takes messages."""
        handle = await asyncio.to_thread(self._start)
        try:
            await answer_of(handle.reach.remote(), STARTS_WITHIN_S)
        except TimeoutError as error:
            self._give_up(handle, error)
            raise
        return handle

    async def _find(self) -> Reach:
        """Where its process takes messages."""
        handle = await self._live()
        try:
            reach: Reach = await answer_of(handle.reach.remote())
        except Exception as error:
            self._give_up(handle, error)
            raise
        return reach

    def _give_up(self, handle: ActorHandle[Any], why: Exception) -> None:
        """Find or start its process anew, next time: Ray starts again what has died, but not what hangs."""
        if self._handle is handle:
            self._handle = None
        if isinstance(why, TimeoutError):
            log.warning("the process of %s is ended, for it hangs: %s", self.key, why)
            ray.kill(handle)


async def _known(reach: Reach) -> Reach:
    """For a link to what was found already."""
    return reach


class DedicatedPlacement:
    """A Ray actor for each live actor, up to a number."""

    def __init__(self, *, namespace: str, noun: str, build: Build, live_max: int, patience_s: float) -> None:
        """Name them `noun:<key>`; at most `live_max` live at once."""
        self._namespace = namespace
        self._noun = noun
        self._build = build
        self._live_max = live_max
        self._patience_s = patience_s
        # One class for all: Ray keeps every class that it was given, for as long as this process lives.
        self._class: Any = ray.remote(type(noun, (RayActor,), {}))
        self._live: dict[Key, RemoteActor] = {}
        self._starts = asyncio.Semaphore(STARTS_AT_ONCE_MAX)

    def place(self, key: Key, _changed: Changed, *, is_spare: bool = False) -> Hosted:
        """A Ray actor for `key`.

        Raises:
            NoRoom: `live_max` of them live already, and one more if this may be the spare one.
        """
        if len(self._live) >= self._live_max + is_spare:
            raise NoRoom(f"{self._live_max} dedicated actors live already: raise BOXOFFICE_DEDICATED_MAX")
        actor = self._live[key] = RemoteActor(key, lambda: self._find(key), self._starts)
        return actor

    async def leave(self, actor: Hosted) -> bool:
        """End an idle actor's process; the place of one that was asked for meanwhile stays taken: it starts again."""
        assert isinstance(actor, RemoteActor), "this placement makes remote actors only"
        if not (await actor.leave() and actor.is_idle):
            return False
        if self._live.get(actor.key) is actor:  # else another let it go meanwhile: this is its successor's
            del self._live[actor.key]
        return True

    async def look(self) -> None:
        """Ask every process."""
        await asyncio.gather(*(actor.look() for actor in self._live.values()))

    def _find(self, key: Key) -> ActorHandle[Any]:
        """Start the Ray actor; it ends with this supervisor, whose successor starts what it needs."""
        made: ActorHandle[Any] = self._class.options(
            name=f"{self._noun}:{key}",
            namespace=self._namespace,
            get_if_exists=True,
            max_restarts=-1,
            max_concurrency=CONCURRENT_CALLS_MAX,
            num_cpus=0,
        ).remote(self._build, key, self._patience_s)
        return made
