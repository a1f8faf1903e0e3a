"""Watching parts, with a clock of the test's own: what ends is started again, at once and then ever later."""

import errno
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from rich.console import Console

from cluster.local.child import Child
from cluster.local.console import Teller
from cluster.local.errors import ServiceError
from cluster.local.parts import ASKED_S_MAX, SILENT_S_MAX, Part, Phase, advice
from cluster.local.watch import Watch

PROBE_S = 5
"""How long after each other a part is asked."""


@dataclass
class FakeChild:
    """A process that ends when the test says so."""

    alive: bool = True
    log: Path = Path("part.log")
    stubborn: bool = False

    def running(self) -> bool:
        return self.alive

    def fate(self) -> str:
        return "killed by SIGKILL"

    def stop(self, *, grace_s: float) -> None:
        if self.stubborn:
            raise ServiceError("It was killed and has not ended.", "Look at its disk.")
        self.alive = False


@dataclass
class World:
    """One part, its clock, and everything that was said about it."""

    now: float = 1000.0
    works: bool = True
    answers: bool = False
    refuses: bool = False
    disk_is_full: bool = False
    launched: list[FakeChild] = field(default_factory=list)
    said: io.StringIO = field(default_factory=io.StringIO)

    def __post_init__(self) -> None:
        self.part = Part(
            name="mongod",
            title="MongoDB",
            doing="Starting MongoDB",
            launch=self.launch,
            works=lambda: self.works,
            answers=lambda: self.answers,
            start_s=60,
            stop_s=1,
            clock=lambda: self.now,
        )
        self.watch = Watch([self.part], Teller(Console(file=self.said)), self.note)

    def note(self, part: Part) -> None:
        if self.disk_is_full:
            raise OSError(errno.ENOSPC, "No space left on device")

    def launch(self) -> Child:
        if self.refuses:
            raise ServiceError("No.", "Never.")
        self.launched.append(FakeChild())
        return cast("Child", self.launched[-1])

    def look(self, *, probe: bool = False) -> None:
        self.watch.look(self.part, probe=probe)

    def ask(self, *, for_s: float) -> None:
        """Let time pass, and ask the part whether it works every few seconds."""
        for _ in range(round(for_s / PROBE_S)):
            self.now += PROBE_S
            self.look(probe=True)

    def lines(self) -> list[str]:
        return [line[9:] for line in self.said.getvalue().splitlines()]

    def running(self) -> "World":
        self.part.begin()
        self.part.phase = Phase.WORKING
        return self

    def end(self) -> None:
        self.launched[-1].alive = False
        self.look()


def test_a_part_that_ends_is_started_again_at_once() -> None:
    world = World().running()
    world.end()
    world.look()
    world.now += 1.5
    world.look()
    assert len(world.launched) == 2
    assert world.part.phase is Phase.WORKING
    assert world.lines() == [
        "MongoDB killed by SIGKILL; starting it again now (log: part.log).",
        "MongoDB works again, 1.5 s after its start.",
    ]


def test_pauses_double_up_to_half_a_minute() -> None:
    world = World().running()
    pauses = []
    for _ in range(8):
        world.end()
        pauses.append(world.part.retry_at - world.now)
        world.now = world.part.retry_at
        world.look()
    assert pauses == [0, 1, 2, 4, 8, 16, 30, 30]


def test_nothing_is_started_before_its_pause_is_over() -> None:
    world = World().running()
    world.end()
    world.look()
    world.end()
    world.now += 0.9
    world.look()
    assert len(world.launched) == 2
    world.now += 0.2
    world.look()
    assert len(world.launched) == 3


def test_a_part_that_ran_for_a_minute_is_forgiven() -> None:
    world = World().running()
    for _ in range(3):
        world.end()
        world.now = world.part.retry_at
        world.look()
    world.now += 61
    world.end()
    assert world.part.retry_at == world.now


def test_a_part_that_cannot_be_started_is_tried_again() -> None:
    world = World().running()
    world.refuses = True
    world.end()
    world.look()
    assert world.lines()[-1] == "MongoDB could not be started: No. Next try in 1 s."
    world.refuses = False
    world.now += 1
    world.look()
    assert world.part.running()


def test_a_part_that_never_works_is_ended_and_started_again() -> None:
    world = World(works=False)
    world.part.begin()
    world.now += 61
    world.look()
    assert world.lines() == ["MongoDB did not work within 60 s of its start; starting it again now (log: part.log)."]
    world.look()
    assert [child.alive for child in world.launched] == [False, True]
    assert world.part.phase is Phase.STARTING


def test_silence_is_said_once_and_so_is_its_end() -> None:
    world = World(works=False).running()
    world.look(probe=True)
    world.look(probe=True)
    world.works = True
    world.look(probe=True)
    world.look(probe=True)
    assert world.lines() == ["MongoDB runs but does not answer.", "MongoDB answers again."]


def test_a_part_that_has_answered_nothing_for_a_minute_is_started_again() -> None:
    world = World(works=False).running()
    world.ask(for_s=SILENT_S_MAX)
    assert world.part.phase is Phase.WORKING
    world.ask(for_s=PROBE_S)
    assert world.lines() == [
        "MongoDB runs but does not answer.",
        "MongoDB has not answered for 60 s; starting it again now (log: part.log).",
    ]
    world.look()
    assert [child.alive for child in world.launched] == [False, True]
    # Its successor has as long as any to start, and the whole minute once it works.
    world.works = True
    world.look()
    world.works = False
    world.ask(for_s=SILENT_S_MAX)
    assert len(world.launched) == 2
    assert world.part.phase is Phase.WORKING


def test_a_part_that_answers_now_and_then_is_left_alone() -> None:
    world = World(works=False).running()
    for _ in range(10):
        world.ask(for_s=SILENT_S_MAX)
        world.works = True
        world.ask(for_s=PROBE_S)
        world.works = False
    assert len(world.launched) == 1
    assert world.part.phase is Phase.WORKING


def test_a_part_that_answers_and_does_not_work_is_left_alone() -> None:
    """As the web application while MongoDB is away."""
    world = World(works=False, answers=True).running()
    world.ask(for_s=3_600)
    assert len(world.launched) == 1
    assert world.lines() == ["MongoDB runs but does not answer."]


def test_a_pause_in_which_nobody_asked_is_no_silence() -> None:
    """`up` was stopped, or the whole machine, and who wakes up needs a moment to answer."""
    world = World(works=False).running()
    world.ask(for_s=SILENT_S_MAX)
    world.now += ASKED_S_MAX
    world.ask(for_s=SILENT_S_MAX)
    assert world.part.phase is Phase.WORKING
    world.ask(for_s=PROBE_S)
    assert world.part.phase is Phase.PAUSING


def test_a_part_that_cannot_be_ended_is_tried_ever_later_and_ends_nothing() -> None:
    world = World(works=False).running()
    world.launched[0].stubborn = True
    world.ask(for_s=PROBE_S + SILENT_S_MAX)
    pauses = []
    for _ in range(3):
        world.look()
        pauses.append(world.part.retry_at - world.now)
        world.now = world.part.retry_at
    assert pauses == [1, 2, 4]
    assert world.lines()[-1] == ("MongoDB could not be started: It was killed and has not ended. Next try in 4 s.")
    world.launched[0].stubborn = False
    world.look()
    assert [child.alive for child in world.launched] == [False, True]


def test_a_start_that_cannot_be_noted_is_a_start() -> None:
    world = World(disk_is_full=True).running()
    world.end()
    for _ in range(3):
        world.look()
    assert [child.alive for child in world.launched] == [False, True]
    assert world.part.phase is Phase.WORKING


def test_last_words_lead_to_advice() -> None:
    assert "--shm-size" in advice("object store size exceeds /dev/shm size")
    assert "2 GiB" in advice("not enough memory")
    assert "log" in advice("Traceback")
