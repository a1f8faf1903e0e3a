"""What is kept of a run: every figure as JSON, and the table as a picture."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from tests.benchmarks import bars, wrk
from tests.benchmarks.scenarios import Sample
from tests.benchmarks.targets import Row, Samples


def keep(
    json_path: str | None, plot_path: str | None, facts: Mapping[str, Any], rows: Sequence[Row], samples: Samples
) -> None:
    """Write what was asked for; the path `-` is the output."""
    if json_path:
        text = json.dumps(document(facts, rows, samples), indent=2) + "\n"
        sys.stdout.write(text) if json_path == "-" else Path(json_path).write_text(text)
    if plot_path and rows:
        Path(plot_path).write_text(bars.picture(rows))


def document(facts: Mapping[str, Any], rows: Sequence[Row], samples: Samples) -> dict[str, Any]:
    """The whole run."""
    return {
        "machine": dict(facts),
        "connections": wrk.CONNECTIONS,
        "table": [_row(row) for row in rows],
        "samples": {
            scenario: {side: [_sample(each) for each in found] for side, found in sides.items()}
            for scenario, sides in samples.items()
        },
    }


def _sample(sample: Sample) -> dict[str, Any]:
    """One round. Its orders were looked for; their ids tell nobody anything any more."""
    return asdict(replace(sample, load=replace(sample.load, granted=()))) | {"limit": sample.use.limit}


def _row(row: Row) -> dict[str, Any]:
    measured = {"ours": row.ours, "other": row.other, "ratio": row.ratio, "keeps_up": row.keeps_up}
    rounds = {"rounds_met": row.rounds_met, "ours_range": row.ours_range, "other_range": row.other_range}
    return asdict(row.target) | measured | {"verdict": row.verdict} | rounds
