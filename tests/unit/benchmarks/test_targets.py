"""What the medians say about the targets."""

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from tests.benchmarks import told
from tests.benchmarks.bars import picture
from tests.benchmarks.meter import Use
from tests.benchmarks.record import document
from tests.benchmarks.rounds import Turn, completed
from tests.benchmarks.scenarios import Sample
from tests.benchmarks.targets import Row, rows
from tests.benchmarks.wrk import Load

USE = Use(side=1.5, generator=0.1, others=0.1, idle=0.3)


def sample(rate: float = 100, p99_ms: float = 10, offered: float = 0) -> Sample:
    load = Load(rate=rate, answers={"201": 1}, p50_ms=1, p99_ms=p99_ms, max_ms=20, cpu_s=0.1)
    return Sample(load=load, use=USE, offered=offered)


def row_of(scenario: str, ours: list[Sample], peer: list[Sample]) -> Row:
    (row,) = rows({scenario: {"ours": ours, "peer": peer}})
    return row


def test_medians_are_compared_and_not_means() -> None:
    row = row_of("granted", [sample(rate) for rate in (110, 900, 120)], [sample(100)] * 3)
    assert (row.ours, row.other, row.ratio) == (120, 100, 1.2)


@pytest.mark.parametrize(("rate", "verdict"), [(109, "missed"), (110, "must"), (199, "must"), (200, "aim")])
def test_a_rate_reaches_what_it_is_not_below(rate: float, verdict: str) -> None:
    assert row_of("granted", [sample(rate)], [sample(100)]).verdict == verdict


@pytest.mark.parametrize(("p99_ms", "verdict"), [(10.1, "missed"), (10, "must"), (5.1, "must"), (5, "aim")])
def test_a_latency_reaches_what_it_is_not_above(p99_ms: float, verdict: str) -> None:
    ours, peer = sample(rate=50, p99_ms=p99_ms, offered=50), sample(rate=50, p99_ms=10, offered=50)
    assert row_of("granted-p99", [ours], [peer]).verdict == verdict


@pytest.mark.parametrize(("ours", "peer"), [(40, 50), (50, 40)])
def test_latencies_of_who_did_not_keep_up_are_no_figures(ours: float, peer: float) -> None:
    both = [sample(rate=ours, p99_ms=1, offered=50)], [sample(rate=peer, p99_ms=10, offered=50)]
    row = row_of("granted-p99", *both)
    assert (row.verdict, row.rounds_met) == ("missed", 0)


def test_the_medians_decide_and_rounds_that_disagree_are_counted() -> None:
    peer = [sample(100)] * 3
    assert told.met(row_of("granted", [sample(rate) for rate in (90, 120, 130)], peer)) == "yes (2 of 3 rounds)"
    assert (
        told.met(row_of("granted", [sample(rate) for rate in (90, 95, 130)], peer)) == "MISSED (1 of 3 rounds met it)"
    )
    assert told.met(row_of("granted", [sample(rate) for rate in (110, 120, 130)], peer)) == "yes"
    assert told.met(row_of("granted", [sample(90)] * 3, peer)) == "MISSED"


def test_a_round_that_did_not_keep_up_meets_nothing() -> None:
    ours = [sample(rate=rate, p99_ms=9, offered=50) for rate in (40, 50, 50)]
    row = row_of("granted-p99", ours, [sample(rate=50, p99_ms=10, offered=50)] * 3)
    assert (row.verdict, row.rounds_met) == ("must", 2)


def test_the_table_shows_between_what_tails_varied() -> None:
    ours, peer = ([sample(50, p99_ms, offered=50) for p99_ms in found] for found in ((20, 10, 90), (31, 30, 32)))
    shown = Console(width=told.WIDTH, file=StringIO())
    told.show(shown, [row_of("granted-p99", ours, peer)])
    text = shown.file.getvalue()  # type: ignore[attr-defined]
    assert "20 ms" in text
    assert "10–90" in text
    assert "30–32" in text


def test_requests_that_left_late_are_told_of() -> None:
    turn = Turn(scenario="granted-p99", number=1, side="ours", of=1)
    late = replace(sample(offered=100), load=replace(sample().load, late_ms=11))
    assert "sent up to 11 ms late" in told.line(turn, late)
    assert "late" not in told.line(turn, sample(offered=100))
    assert told.warning({"granted-p99": {"ours": [late, sample()]}}).startswith("1 of 2 turns sent requests late")


def test_what_is_kept_of_a_row_has_its_rounds() -> None:
    row = row_of("granted", [sample(rate) for rate in (90, 120, 130)], [sample(100)] * 3)
    [kept] = document({}, [row], {})["table"]
    assert (kept["rounds_met"], kept["ours_range"], kept["other_range"]) == (2, (90, 130), (100, 100))


def test_only_what_was_measured_is_in_the_table() -> None:
    both = {"ours": [sample()], "peer": [sample()]}
    assert [row.target.against for row in rows({"contended": both})] == ["peer"]
    assert len(rows({"contended": both | {"floor": [sample()]}})) == 2
    assert rows({"contended": {"peer": [sample()]}}) == []


def test_scenarios_bring_those_that_they_rest_on() -> None:
    assert completed(["granted-p99"]) == ["granted", "granted-p99"]
    assert completed(["floor"]) == ["contended"]
    assert completed(["page", "contended"]) == ["contended", "page"]


def test_the_picture_shows_each_row_with_its_figures() -> None:
    drawn = picture([row_of("granted", [sample(1234)], [sample(1000)])])
    assert "1,234 : 1,000 /s" in drawn
    assert drawn.startswith("<svg")


@pytest.mark.parametrize(
    ("use", "limit"),
    [
        (Use(side=0.9, generator=0.97, others=0.0, idle=0.1), "generator"),
        (Use(side=1.7, generator=0.2, others=0.08, idle=0.02), "machine"),
        (Use(side=1.0, generator=0.2, others=0.1, idle=0.7), "side"),
    ],
)
def test_the_limit_is_who_has_nothing_left(use: Use, limit: str) -> None:
    assert use.limit == limit
