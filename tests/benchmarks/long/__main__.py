"""`make bench-long`: what a quick look cannot show. Runs to the end even where a part falls short."""

import argparse
import json
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from rich.console import Console

from tests.benchmarks import machine
from tests.benchmarks.long import expiry, memory, million, restart, soak
from tests.benchmarks.long.figure import Figure
from tests.benchmarks.long.stage import Stage
from tests.benchmarks.long.table import render
from tests.benchmarks.wrk import LoadError

PARTS = ("memory", "expiry", "restart", "million", "soak")
MISSED = 1


def main() -> int:
    """Measure; 0 where everything that must be reached is."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(MISSED))  # unwinds, so that nobody is left behind
    console = Console(stderr=options.json == "-", highlight=False)
    try:
        facts = machine.facts()
    except LoadError as error:
        console.print(f"[bold red]Not measured:[/] {error}", soft_wrap=True)
        return MISSED
    stage = Stage(console)
    figures: list[Figure] = []
    failed: dict[str, str] = {}
    for part in options.only or PARTS:
        try:
            figures += _measure(part, options)(stage)
        except (LoadError, AssertionError) as error:
            failed[part] = str(error)
            console.print(f"[bold red]{part} was not measured:[/] {error}", soft_wrap=True, markup=True)
    console.print(render(figures))
    _keep(options.json, {"machine": facts, "table": [each.as_json() for each in figures], "failed": failed})
    return MISSED if failed or not all(each.is_met for each in figures) else 0


def _measure(part: str, options: argparse.Namespace) -> Callable[[Stage], list[Figure]]:
    parts: dict[str, Callable[[Stage], list[Figure]]] = {
        "memory": memory.measure,
        "expiry": expiry.measure,
        "restart": restart.measure,
        "million": million.measure,
        "soak": partial(soak.measure, minutes=options.soak_minutes, plot=options.plot),
    }
    return parts[part]


def _keep(path: str | None, document: dict[str, object]) -> None:
    """Write the figures where they are wanted; `-` is the output."""
    if path:
        text = json.dumps(document, indent=2) + "\n"
        sys.stdout.write(text) if path == "-" else Path(path).write_text(text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.benchmarks.long", description=__doc__)
    parser.add_argument("--only", type=_chosen, action="extend", default=[], help=f"some of {','.join(PARTS)}")
    parser.add_argument("--json", metavar="FILE", help="write all figures there; - is the output")
    parser.add_argument("--plot", metavar="FILE", type=Path, help="draw the soak there, as SVG")
    parser.add_argument("--soak-minutes", type=float, default=10, help="how long the soak lasts (default 10)")
    return parser.parse_args()


def _chosen(text: str) -> list[str]:
    chosen = text.split(",")
    if unknown := set(chosen) - set(PARTS):
        raise argparse.ArgumentTypeError(f"no part is called {', '.join(sorted(unknown))}: {', '.join(PARTS)}")
    return [each for each in PARTS if each in chosen]


if __name__ == "__main__":
    sys.exit(main())
