"""Looking again, with a clock that only pauses move."""

from collections.abc import Mapping, Sequence

from cluster.audit.settling import Patience
from cluster.audit.violation import Violation

WRONG = [Violation("oversold", "Two have it.", ("tickets/1",))]


class Time:
    def __init__(self) -> None:
        self.now_s = 0.0

    def patience(self) -> Patience:
        return Patience(every_s=1, deadline_s=5, clock=lambda: self.now_s, pause=self._pause)

    def _pause(self, for_s: float) -> None:
        self.now_s += for_s


class Healing:
    """Each suspect is right from its own moment on."""

    def __init__(self, time: Time) -> None:
        self.time = time
        self.asked: list[list[float]] = []

    def look(self, suspects: Sequence[float]) -> Mapping[float, list[Violation]]:
        self.asked.append(list(suspects))
        return {each: WRONG for each in suspects if self.time.now_s < each}


def test_what_becomes_right_does_not_count_and_is_not_asked_about_again() -> None:
    time = Time()
    healing = Healing(time)
    assert time.patience().settle([1, 3, 2], healing.look) == []
    assert healing.asked == [[1, 3, 2], [3, 2], [3]]
    assert time.now_s == 3


def test_what_is_wrong_at_the_deadline_counts() -> None:
    time = Time()
    assert time.patience().settle([2, 99], Healing(time).look) == WRONG
    assert time.now_s == 5


def test_nothing_suspicious_takes_no_time() -> None:
    time = Time()
    assert time.patience().settle([], Healing(time).look) == []
    assert time.now_s == 0


def test_a_look_that_takes_longer_than_the_deadline_is_not_the_only_one() -> None:
    time = Time()
    looks = 0

    def slow(suspects: Sequence[int]) -> Mapping[int, list[Violation]]:
        nonlocal looks
        looks += 1
        time.now_s += 20
        return {each: WRONG for each in suspects if looks == 1 or each == 2}

    assert time.patience().settle([1, 2], slow) == WRONG
    assert looks == time.patience().looks_min


def test_another_thing_wrong_at_every_look_is_life_and_no_violation() -> None:
    time = Time()

    def ever_another(suspects: Sequence[int]) -> Mapping[int, list[Violation]]:
        return {
            each: [Violation("paid_unsold", "Its news is under way.", (f"orders/{time.now_s}",))] for each in suspects
        }

    assert time.patience().settle([1], ever_another) == []
    assert time.now_s == 2
