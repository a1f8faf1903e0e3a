"""`make bench`: our office, the peer and the floor, measured side by side on this machine."""

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from tests.benchmarks import machine, record, seeding, told
from tests.benchmarks.company import company
from tests.benchmarks.rounds import CHOICES, FLOOR, Samples, Turn, completed, run
from tests.benchmarks.scenarios import Sample, Stage
from tests.benchmarks.targets import rows
from tests.benchmarks.wrk import LoadError
from tests.integration.office import JWT_KEY

BUYERS = 200
ROUNDS, SECONDS = 3, 8
QUICK = 1, 3
"""Rounds and seconds of a look during development."""

MISSED, FAILED = 1, 2


def main() -> int:
    """Measure; 0 where all that must be reached is, 1 where not, 2 where it could not be measured."""
    options, began = _options(), time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(FAILED))  # unwinds, so that nobody is left behind
    console = told.console(to_stderr=options.json == "-")
    try:
        facts = machine.facts()
        samples, idle = measure(options, console)
    except (LoadError, AssertionError) as error:
        console.print(f"[bold red]Not measured:[/] {error}", soft_wrap=True)
        return FAILED
    table = rows(samples)
    told.show(console, table)
    console.print(f"Took {time.monotonic() - began:.0f} s. {told.warning(samples)}")
    how = {"rounds": options.rounds, "seconds": options.seconds, "idle_cores": idle}
    record.keep(options.json, options.plot, facts | how, table, samples)
    return MISSED if any(row.verdict == "missed" for row in table) else 0


def measure(options: argparse.Namespace, console: Console) -> tuple[Samples, dict[str, float]]:
    """The samples, and what each side uses when nobody asks it anything, in cores.

    Raises:
        LoadError, AssertionError: a side did not do what it must.
    """
    stage = Stage(sessions=seeding.sessions(JWT_KEY, BUYERS), seconds=options.seconds)
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        console.status("Starting who is measured ...") as status,
        company(Path(folder), floor=FLOOR in options.only, tell=status.update) as sides,
    ):
        idle = told.idle(console, sides)
        for side in sides:
            stage.furnish(side)
            side.family.pause()

        def tell(turn: Turn, sample: Sample | None) -> None:
            status.update(f"{turn} ...") if sample is None else console.print(told.line(turn, sample), soft_wrap=True)

        return run(stage, sides, completed(options.only), options.rounds, tell), idle


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.benchmarks.speed", description=__doc__)
    parser.add_argument("--rounds", type=int, help=f"rounds of each scenario (default {ROUNDS})")
    parser.add_argument("--seconds", type=int, help=f"seconds that a load is measured (default {SECONDS})")
    parser.add_argument("--only", type=_chosen, default=CHOICES, help=f"some of {','.join(CHOICES)}")
    parser.add_argument("--quick", action="store_true", help="one round of three seconds")
    parser.add_argument("--json", metavar="FILE", help="write all figures there; - is the output")
    parser.add_argument("--plot", metavar="FILE", help="draw the table there, as SVG")
    options = parser.parse_args()
    rounds, seconds = QUICK if options.quick else (ROUNDS, SECONDS)
    options.rounds, options.seconds = options.rounds or rounds, options.seconds or seconds
    return options


def _chosen(text: str) -> list[str]:
    chosen = text.split(",")
    if unknown := set(chosen) - set(CHOICES):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: choose from {', '.join(CHOICES)}")
    return chosen


if __name__ == "__main__":
    sys.exit(main())
