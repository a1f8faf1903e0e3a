"""serve_app.live.log."""

import pytest

from serve_app.live.log import Log, Overtaken

from .fakes import at, ticket


def log_of(*seconds: int, changes_max: int = 100, age_max_s: int = 1_000) -> Log:
    log = Log(changes_max, age_max_s)
    log.begin(at(0), at(0))
    for each in seconds:
        log.extend([ticket(at(each))], at(each))
    return log


def seconds_in(log: Log, place: int) -> list[int]:
    return [int(each.position[2:10], 16) - 1_000 for each in log.between(place, log.end)]


def test_a_position_is_found_wherever_it_lies() -> None:
    log = log_of(10, 20, 30)
    found = {
        each: seconds_in(log, log.place_of(at(each)) or 0) if log.place_of(at(each)) is not None else None
        for each in (-1, 0, 5, 10, 15, 20, 25, 30, 35)
    }
    everything = [10, 20, 30]
    assert found == {
        -1: None, 0: everything, 5: everything, 10: [20, 30], 15: [20, 30], 20: [30], 25: [30], 30: [], 35: []
    }  # fmt: skip


def test_its_head_moves_with_and_without_changes_and_never_back() -> None:
    log = log_of()
    log.extend([ticket(at(10)), ticket(at(11))], at(12))
    assert (log.head, log.end) == (at(12), 3)
    log.extend([], at(20))
    log.extend([], at(15))
    assert (log.head, log.end) == (at(20), 3)


def test_changes_out_of_order_are_a_defect() -> None:
    with pytest.raises(AssertionError, match="in the order"):
        log_of(10, 10)


def test_it_is_open_once_it_has_come_up_to_the_present() -> None:
    log = Log()
    assert not log.is_open
    log.begin(at(0), at(10))
    log.extend([ticket(at(5))], at(6))
    assert not log.is_open
    log.extend([], at(10))
    assert log.is_open


def test_it_keeps_so_many_changes_and_hardly_more() -> None:
    log = log_of(*range(1, 1_000), changes_max=80)
    kept = seconds_in(log, log.place_of(at(999 - 80)) or 0)
    assert kept == list(range(920, 1_000))
    assert log.place_of(at(999 - 80 - 12)) is None
    assert log.end == 1_000


def test_it_forgets_what_is_old_by_the_time_of_its_head() -> None:
    log = log_of(10, 20, age_max_s=100)
    log.extend([], at(110))
    assert log.place_of(at(0)) is not None
    log.extend([], at(111))
    assert (log.place_of(at(9)), log.place_of(at(10))) == (None, log.end - 1)
    log.extend([], at(300))
    assert (log.place_of(at(19)), log.place_of(at(20))) == (None, log.end)


def test_a_reader_that_is_too_slow_is_overtaken() -> None:
    log = log_of(1, 2, 3)
    slow, quick = log.place_of(at(0)), log.place_of(at(3))
    assert slow is not None and quick is not None
    log.extend([], at(2_000))
    with pytest.raises(Overtaken):
        log.between(slow, log.end)
    assert log.between(quick, log.end) == []


def test_beginning_anew_overtakes_everybody() -> None:
    log = log_of(1, 2, 3)
    place = log.end
    log.begin(at(50), at(50))
    with pytest.raises(Overtaken):
        log.between(place, log.end)
    assert (log.place_of(at(3)), log.place_of(at(50))) == (None, log.end)
