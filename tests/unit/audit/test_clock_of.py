"""Whose clock an audit goes by."""

from datetime import UTC, datetime, timedelta

from cluster.audit.clock_of import ClockOf


class OursFast:
    """Our clock, two minutes ahead of the office's."""

    def __init__(self) -> None:
        self.time = datetime(2030, 1, 1, 12, 2, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


def test_a_clock_that_is_wrong_here_accuses_nobody_there() -> None:
    ours = OursFast()
    noon = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)
    clock = ClockOf(noon, ours)
    assert clock.now() == noon
    ours.time += timedelta(seconds=7)
    assert clock.now() == noon + timedelta(seconds=7)
