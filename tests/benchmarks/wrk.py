"""wrk, the load generator: one thread, keep-alive connections, and a script of its own for each kind of request."""

import json
import math
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).parent / "lua"
CONNECTIONS = 128
TIMEOUT_S = 10
DRAIN_S = 2
"""How long answers are awaited after the last request of a load that drains."""


class LoadError(Exception):
    """A load that tells nothing: wrk is missing or failed, or there was an answer that nobody expects."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """What one run of wrk saw."""

    rate: float
    """Expected answers per second."""

    answers: dict[str, int]
    """How many of each: `201`, `400 ticket_reserved`. Of the whole run, what was in flight at its end left out."""

    p50_ms: float
    p99_ms: float
    max_ms: float
    cpu_s: float
    """Seconds of CPU that the generator itself used."""

    granted: Sequence[str] = ()
    """The ids of the orders that were acknowledged with 201."""

    late_ms: float = 0.0
    """The most that a request of a load with a rate left after it was due, because all connections waited for their
    answers: its latency, which counts from when it left, does not tell of that."""


def reserve(
    url: str,
    tickets: Sequence[str],
    sessions: Sequence[str],
    *,
    seconds: int,
    each_once: bool = False,
    rate: float = 0,
    drain: bool = False,
) -> Load:
    """POST /api/orders for `tickets`, chosen at random or `each_once`, by whoever has a session.

    `rate` is offered for as long as a connection is free: a request that is due while all `CONNECTIONS` wait for their
    answers is sent late (`late_ms` says how late), and its latency counts from there. 0 asks again as soon as there is
    an answer. With `drain` every request gets its answer; otherwise as many as there are connections are under way at
    the end.

    Raises:
        LoadError: an answer was neither 201 nor (unless `each_once`) `ticket_reserved`, or there was none.
    """
    which = "next" if each_once else "random"
    with tempfile.TemporaryDirectory() as folder:
        files = [_written(Path(folder) / "tickets", tickets), _written(Path(folder) / "sessions", sessions)]
        granted = Path(folder) / "granted"
        arguments = [*files, which, str(granted)]
        load = _run(url, "orders.lua", arguments, seconds, rate, drain=drain or rate > 0)
        return replace(load, granted=granted.read_text().split())


def get(url: str, path: str, tickets: Sequence[str], *, seconds: int) -> Load:
    """GET `path`; one that ends in `/` gets the id of one of `tickets`.

    Raises:
        LoadError: an answer was not 200, or there was none.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = _written(Path(folder) / "tickets", tickets)
        return _run(url, "reads.lua", [path, file], seconds, 0, drain=False)


def intrude(
    url: str, method: str, path: str, ids: Sequence[str], session: str, *, seconds: int, body: str = ""
) -> Load:
    """Ask each of `ids` below `path` for what only its owner may do, in order and from the start again: all refuse.

    Raises:
        LoadError: an answer was no such refusal, or there was none.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = _written(Path(folder) / "ids", ids)
        return _run(url, "strangers.lua", [method, path, file, session, body], seconds, 0, drain=False)


def version() -> str:
    """The version of wrk. Raises `LoadError` where there is none."""
    told = subprocess.run([_program(), "-v"], capture_output=True, text=True, check=False).stdout
    return " ".join(told.split()[:2])


def _program() -> str:
    found = shutil.which("wrk")
    if found is None:
        raise LoadError("wrk, the load generator, is not there. Try: apt-get install wrk")
    return found


def _written(path: Path, lines: Sequence[str]) -> str:
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def _run(url: str, script: str, arguments: list[str], seconds: int, rate: float, *, drain: bool) -> Load:
    lasts = seconds + DRAIN_S if drain else seconds
    options = ["-t1", f"-c{CONNECTIONS}", f"-d{math.ceil(lasts)}s", f"--timeout={TIMEOUT_S}s", "-s", script, url]
    command = [_program(), *options, "--", str(seconds), str(rate), "drain" if drain else "", *arguments]
    process = subprocess.Popen(command, cwd=SCRIPTS, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    try:
        told = process.stdout.read()
    except BaseException:  # whoever is told to end takes the load along
        process.kill()
        raise
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return _load(told, seconds, used.ru_utime + used.ru_stime)


def _load(told: str, seconds: int, cpu_s: float) -> Load:
    last = told.strip().rpartition("\n")[2]
    if not last.startswith("{"):
        raise LoadError(f"wrk failed: {told.strip()[-1000:]}")
    facts: dict[str, Any] = json.loads(last)
    broken = {name: facts[name] for name in ("connect", "read", "write", "timeout") if facts[name]}
    if facts["odd"] or broken or not facts["answers"]:
        raise LoadError(f"unexpected answers: {facts['odd']}, errors: {broken}, all answers: {facts['answers']}")
    p50, p99, most = (facts[f"{name}_us"] / 1000 for name in ("p50", "p99", "max"))
    rate = facts["inside"] / seconds
    return Load(
        rate=rate,
        answers=facts["answers"],
        p50_ms=p50,
        p99_ms=p99,
        max_ms=most,
        cpu_s=cpu_s,
        late_ms=facts["late_us"] / 1000,
    )
