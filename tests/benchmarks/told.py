"""The run for people: a line for each turn, and the table in the end."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from tests.benchmarks.meter import OTHERS_MAX, Meter
from tests.benchmarks.rounds import Turn
from tests.benchmarks.scenarios import Sample
from tests.benchmarks.sides import Side
from tests.benchmarks.targets import UNITS, Row, Samples

IDLE_S, IDLE_LOOKS = 3.0, 4
SETTLED_S = 0.1
LATE_MS = 10
"""How late requests may leave before that is worth telling."""

BUSIEST = 7
WIDTH = 120
"""Columns, where nobody's terminal says how many."""

STYLES = {"aim": "bold green", "must": "green", "missed": "bold red"}
WORDS = {"aim": "aim reached", "must": "yes", "missed": "MISSED"}


def console(*, to_stderr: bool) -> Console:
    """Where the run is told."""
    found = Console(stderr=to_stderr, highlight=False)
    return found if found.is_terminal else Console(stderr=to_stderr, highlight=False, width=WIDTH)


def line(turn: Turn, sample: Sample) -> str:
    """One turn: its figures, and who used the processors."""
    load, use = sample.load, sample.use
    rate = f"{load.rate:,.0f}/s" + (f" of {sample.offered:,.0f}" if sample.offered else "")
    refused = load.answers.get("400 ticket_reserved", 0) / sum(load.answers.values())
    told = [f"{turn!s:<36} {rate:<16} p50 {load.p50_ms:>4,.0f} ms, p99 {load.p99_ms:>5,.0f} ms"]
    told += [f"{refused:.0%} refused"] if refused else []
    told += [f"settled after {sample.settled_s:.1f} s"] if sample.settled_s > SETTLED_S else []
    told += [f"[yellow]sent up to {load.late_ms:,.0f} ms late[/]"] if is_late(sample) else []
    cores = f"cores: {turn.side} {use.side:.2f}, wrk {use.generator:.2f}, others {use.others:.2f}"
    suspect = " [yellow](disturbed)[/]" if is_disturbed(sample) else ""
    busiest = ", ".join(f"{name} {share:.2f}" for name, share in list(use.programs.items())[:BUSIEST])
    return f"{', '.join(told)}; {cores}{suspect}; limit: {use.limit}\n    [dim]{busiest}[/]"


def is_disturbed(sample: Sample) -> bool:
    """Whether somebody who is not measured took part of the machine."""
    return sample.use.others > OTHERS_MAX


def is_late(sample: Sample) -> bool:
    """Whether requests had to wait for a connection: that much is missing in the latencies."""
    return sample.load.late_ms > LATE_MS


def warning(samples: Samples) -> str:
    """What speaks against the figures; empty for nothing."""
    every = [each for sides in samples.values() for found in sides.values() for each in found]
    found = [
        (sum(map(is_disturbed, every)), "were disturbed: other programs used this machine"),
        (sum(map(is_late, every)), "sent requests late, for all connections waited: their latencies tell too little"),
    ]
    return " ".join(f"{count} of {len(every)} turns {what}." for count, what in found if count)


def idle(console: Console, sides: Sequence[Side]) -> dict[str, float]:
    """What each side uses when nobody asks it anything, in cores: the least of a few looks, for starting takes time."""
    looks = [_look(sides) for _ in range(IDLE_LOOKS)]
    used = {side.name: round(min(look[side.name] for look in looks), 3) for side in sides}
    shares = ", ".join(f"{name} {share:.1%}" for name, share in used.items())
    console.print(f"Idle, of one core: {shares}. Whoever is not measured is stopped (SIGSTOP), and uses nothing.")
    return used


def _look(sides: Sequence[Side]) -> dict[str, float]:
    meters = {side.name: Meter(side.family, IDLE_S) for side in sides}
    return {name: meter.use(0).side for name, meter in meters.items()}


def show(console: Console, rows: Sequence[Row]) -> None:
    """The table."""
    table = Table(title="Medians of the rounds", title_justify="left")
    table.add_column("what")
    for name in ("ours", "peer or floor", "ratio", "must", "aim"):
        table.add_column(name, justify="right")
    table.add_column("met?")
    for row in rows:
        table.add_row(*_cells(row), f"[{STYLES[row.verdict]}]{met(row)}[/]")
    console.print(table)


def met(row: Row) -> str:
    """The verdict of the medians, and how many rounds say the same where they disagree."""
    word, count, of = WORDS[row.verdict], row.rounds_met, len(row.rounds)
    if count in (0, of):
        return word
    return f"{word} ({count} of {of} rounds{' met it' if row.verdict == 'missed' else ''})"


def _cells(row: Row) -> list[str]:
    target, unit = row.target, UNITS[row.target.figure]
    sign = "≤" if target.less_is_better else "≥"
    ours, other = f"{row.ours:,.0f} {unit}", f"{row.other:,.0f} {unit}"
    if target.less_is_better:  # tails vary: their medians alone would say too little
        ours, other = f"{ours}\n{_span(row.ours_range)}", f"{other}\n{_span(row.other_range)}"
    ours, ratio = (ours, f"{row.ratio:.2f}") if row.keeps_up else ("not both kept up", "-")
    return [target.title, ours, other, ratio, f"{sign} {target.must:g}", f"{sign} {target.aim:g}"]


def _span(least_and_most: tuple[float, float]) -> str:
    return "–".join(f"{value:,.0f}" for value in least_and_most)
