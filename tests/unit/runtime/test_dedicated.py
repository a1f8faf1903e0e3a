"""A dedicated actor as its supervisor sees it: one process, however many ask at once."""

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import pytest
import ray

from actors.runtime.actor import Actor
from actors.runtime.envelope import ACKNOWLEDGED, UNANSWERED, Envelope
from actors.runtime.hearing import Say
from actors.runtime.listener import Listener
from actors.runtime.message import OutcomeUnknown, Reply
from actors.runtime.placement import NoRoom
from actors.runtime.ray_dedicated import DedicatedPlacement, RemoteActor

from .fakes import envelope
from .toy import KEY, Put


class Reference:
    """What a Ray call returns."""

    def __init__(self, outcome: Any) -> None:
        self._outcome = outcome

    def future(self) -> "Future[Any]":
        if isinstance(self._outcome, Future):
            return self._outcome
        future: Future[Any] = Future()
        if isinstance(self._outcome, Exception):
            future.set_exception(self._outcome)
        else:
            future.set_result(self._outcome)
        return future


class Method:
    """A method of a Ray actor."""

    def __init__(self, does: Any) -> None:
        self._does = does

    def remote(self, *arguments: Any) -> Reference:
        return Reference(self._does(*arguments))


class Process:
    """A started Ray actor, which may be gone: it takes messages where its handle says."""

    def __init__(self) -> None:
        self.is_gone = self.is_slow = False
        self.why: Exception = RuntimeError("the process is gone")
        self.taken: list[str] = []
        self.leave = Method(lambda: self.why if self.is_gone else True)
        self.listener = Listener(self._take)
        self.troubles = {"jars/blue/0.0 to listeners/ann": "nobody is there"}
        self.report = Method(lambda: self.why if self.is_gone else (1, self.troubles))
        self.reach = Method(lambda: self.why if self.is_gone else self._reach)

    async def open(self) -> "Process":
        self._reach = await self.listener.open("127.0.0.1")
        return self

    def die(self, why: Exception | None = None) -> None:
        self.is_gone = True
        self.why = why or self.why
        self.listener.close()

    def _take(self, _map_version: int, envelopes: Sequence[Envelope], say: Say) -> None:
        self.taken += [each.op for each in envelopes]
        for n in range(len(envelopes)):
            if not self.is_slow:
                say(n, ACKNOWLEDGED)


class Starts:
    """Starts processes, at the word of `go`, as slowly as Ray does."""

    def __init__(self) -> None:
        self.made: list[Process] = []
        self.go = threading.Event()
        self._loop = asyncio.get_running_loop()

    def __call__(self) -> Any:
        assert self.go.wait(10), "nobody let the process start"
        process = asyncio.run_coroutine_threadsafe(Process().open(), self._loop).result(10)
        self.made.append(process)
        return process


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> list[Process]:
    killed: list[Process] = []
    monkeypatch.setattr(ray, "kill", killed.append)
    return killed


async def answers(remote: RemoteActor, *ops: str) -> list[Reply]:
    submitted = [remote.submit(envelope(Put(), op)) for op in ops]
    return [await each if isinstance(each, asyncio.Future) else each for each in submitted]


async def test_messages_that_come_while_it_starts_share_the_one_process() -> None:
    """Ray ends an actor with the handle that made it: a second handle in its place would end the first process."""
    starts = Starts()
    remote = RemoteActor(KEY, starts, asyncio.Semaphore(2))

    # Given a first message that starts the process, and a second that comes meanwhile in a call of its own,
    first = asyncio.create_task(answers(remote, "a"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    second = asyncio.create_task(answers(remote, "b"))
    await asyncio.sleep(0)
    starts.go.set()

    # then both are answered, by one process.
    assert await first + await second == [ACKNOWLEDGED] * 2
    assert len(starts.made) == 1


async def test_who_repeats_himself_while_it_starts_is_taken_once_and_who_has_gone_not_at_all() -> None:
    starts = Starts()
    remote = RemoteActor(KEY, starts, asyncio.Semaphore(2))
    tries = [remote.submit(envelope(Put(), "patient")) for _ in range(3)]
    gone = remote.submit(envelope(Put(), "gone"))
    assert remote.queued == 2
    remote.let_go("gone")
    assert await gone == UNANSWERED  # type: ignore[misc]

    starts.go.set()
    assert [await each for each in tries] == [ACKNOWLEDGED] * 3  # type: ignore[misc]
    assert starts.made[0].taken == ["patient"]


async def test_who_comes_just_after_it_was_closed_while_it_started_is_not_forgotten(killed: list[Process]) -> None:
    starts = Starts()
    remote = RemoteActor(KEY, starts, asyncio.Semaphore(2))
    remote.submit(envelope(Put(), "before"))
    await asyncio.sleep(0)
    remote.close()
    after = remote.submit(envelope(Put(), "after"))
    await asyncio.sleep(0)
    starts.go.set()
    assert await asyncio.wait_for(after, 5) == ACKNOWLEDGED  # type: ignore[arg-type]


async def test_what_waits_for_a_process_that_cannot_start_hears_why() -> None:
    def fails() -> Any:
        raise RuntimeError("no room on this machine")

    remote = RemoteActor(KEY, fails, asyncio.Semaphore(2))
    reason = OutcomeUnknown(reason="RuntimeError: no room on this machine")
    assert await answers(remote, "a") == [reason]
    assert await answers(remote, "b") == [reason], "it is tried again for the next"
    assert remote.is_idle


async def test_one_whose_process_starts_is_not_idle() -> None:
    """Nobody may wait for it, as when its outbox is looked after; its place is taken all the same."""
    starts = Starts()
    remote = RemoteActor(KEY, starts, asyncio.Semaphore(2))
    remote.submit(envelope(Put(), "a"))
    await asyncio.sleep(0)
    remote.let_go("a")
    await asyncio.sleep(0)
    assert (remote.queued, remote.is_idle) == (0, False)
    starts.go.set()
    assert await answers(remote, "b") == [ACKNOWLEDGED]
    assert remote.is_idle


async def test_a_process_that_is_gone_is_started_again_for_the_next_message() -> None:
    starts = Starts()
    starts.go.set()
    remote = RemoteActor(KEY, starts, asyncio.Semaphore(2))
    assert await answers(remote, "a") == [ACKNOWLEDGED]

    starts.made[0].die()

    # Its connection is lost, then its handle turns out to be good for nothing, then it is started again.
    replies = [(await answers(remote, "b"))[0] for _ in range(3)]
    assert replies[0] == OutcomeUnknown(reason="the connection is lost")
    assert replies[1:] == [OutcomeUnknown(reason="RuntimeError: the process is gone"), ACKNOWLEDGED]
    assert len(starts.made) == 2


async def test_a_process_that_hangs_is_ended_and_another_started(killed: list[Process]) -> None:
    starts = Starts()
    starts.go.set()
    remote = RemoteActor(KEY, starts, asyncio.Semaphore(1))
    assert await answers(remote, "a") == [ACKNOWLEDGED]

    # As a stopped process does: neither its connection nor Ray's calls to it are answered in time.
    starts.made[0].die(TimeoutError("no answer through Ray"))

    replies = [(await answers(remote, "b"))[0] for _ in range(3)]
    assert replies[1:] == [OutcomeUnknown(reason="TimeoutError: no answer through Ray"), ACKNOWLEDGED]
    assert (killed, len(starts.made)) == (starts.made[:1], 2)


async def test_who_has_gone_while_its_process_was_looked_for_again_is_not_begun() -> None:
    starts = Starts()
    starts.go.set()
    remote = RemoteActor(KEY, starts, asyncio.Semaphore(1))
    assert await answers(remote, "a") == [ACKNOWLEDGED]
    process = starts.made[0]
    there: Future[Any] = Future()
    process.reach = Method(lambda: there)
    process.listener.close()
    assert isinstance((await answers(remote, "lost"))[0], OutcomeUnknown)

    # Given one who asks while Ray starts the process again, and leaves,
    gone = remote.submit(envelope(Put(), "gone"))
    await asyncio.sleep(0)
    remote.let_go("gone")
    assert await gone == UNANSWERED  # type: ignore[misc]

    # then only who comes after him is taken.
    later = remote.submit(envelope(Put(), "later"))
    again = await Process().open()
    there.set_result(again._reach)
    assert await later == ACKNOWLEDGED  # type: ignore[misc]
    assert again.taken == ["later"]


async def test_a_process_that_does_not_say_whether_it_may_leave_is_ended(killed: list[Process]) -> None:
    starts = Starts()
    starts.go.set()
    remote = RemoteActor(KEY, starts, asyncio.Semaphore(2))
    assert await answers(remote, "a") == [ACKNOWLEDGED]
    starts.made[0].is_gone = True
    assert await remote.leave()
    assert killed == starts.made
    assert await answers(remote, "b") == [ACKNOWLEDGED]
    assert len(starts.made) == 2


async def test_who_is_asked_for_while_it_leaves_keeps_its_place(
    killed: list[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    starts = Starts()
    starts.go.set()
    placement = DedicatedPlacement(namespace="", noun="jar", build=unbuilt, live_max=1, patience_s=1)
    monkeypatch.setattr(placement, "_find", lambda _key: starts())
    actor = placement.place(KEY, lambda _: None)
    assert isinstance(actor, RemoteActor)
    assert await answers(actor, "a") == [ACKNOWLEDGED]

    starts.made[0].is_slow = True
    waiting = actor.submit(envelope(Put(), "b"))
    assert not await placement.leave(actor)
    with pytest.raises(NoRoom):
        placement.place("another", lambda _: None)
    assert isinstance(await waiting, OutcomeUnknown), "its process has ended"
    await asyncio.sleep(0)
    assert await placement.leave(actor)
    placement.place("another", lambda _: None)


async def test_what_a_process_cannot_deliver_is_known_once_it_was_looked_at() -> None:
    starts = Starts()
    starts.go.set()
    placement = DedicatedPlacement(namespace="", noun="jar", build=unbuilt, live_max=1, patience_s=1)
    placement._find = lambda _key: starts()  # type: ignore[method-assign]
    actor = placement.place(KEY, lambda _: None)
    assert isinstance(actor, RemoteActor)
    await placement.look()
    assert (actor.undelivered, actor.troubles) == (0, {}), "it lives nowhere yet"

    assert await answers(actor, "a") == [ACKNOWLEDGED]
    await placement.look()
    assert (actor.undelivered, actor.troubles) == (1, starts.made[0].troubles)

    starts.made[0].die()
    await placement.look()
    assert actor.troubles == {
        KEY: "its process does not say what it does: RuntimeError('the process is gone')",
    }


async def unbuilt(_key: str) -> Actor:
    raise AssertionError("no process is started here")


async def test_an_actor_whose_process_cannot_be_ended_is_started_anew_by_the_next_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def kill(_: Process) -> None:
        raise RuntimeError("GCS does not answer")

    monkeypatch.setattr(ray, "kill", kill)
    starts = Starts()
    starts.go.set()
    remote = RemoteActor(KEY, starts, asyncio.Semaphore(2))
    assert await answers(remote, "a") == [ACKNOWLEDGED]
    with pytest.raises(RuntimeError, match="GCS"):
        await remote.leave()
    # Ray ends the old process as nobody has its handle any more; it takes no further message.
    assert await answers(remote, "b") == [ACKNOWLEDGED]
    assert [each.taken for each in starts.made] == [["a"], ["b"]]
