"""What is said: in order, as it is, and to nobody who has gone."""

import errno
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console, Group
from rich.text import Text

from cluster.local.console import Teller, print_result


class Gone(io.StringIO):
    """Where the console wrote to: gone."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self.error = error
        self.tries = 0

    def write(self, text: str) -> int:
        self.tries += 1
        raise self.error


@pytest.fixture(params=[BrokenPipeError(errno.EPIPE, "tee"), OSError(errno.EIO, "terminal")], ids=["pipe", "terminal"])
def gone(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gone]:
    # Of a broken pipe rich makes the end of the process, and of the real standard output nothing.
    with (tmp_path / "stdout").open("w") as stdout:
        monkeypatch.setattr("sys.stdout", stdout)
        yield Gone(request.param)


@pytest.mark.parametrize("terminal", [True, False], ids=["spinning", "plain"])
def test_a_console_that_is_gone_ends_nothing_and_is_left_alone(gone: Gone, terminal: bool) -> None:
    tell = Teller(Console(file=gone, force_terminal=terminal))
    done = []
    with tell.step("Starting MongoDB"):
        done.append("started")
    tell.warn("MongoDB ended.")
    tried = gone.tries
    tell.announce("http://127.0.0.1:8000", ["data"])
    tell.say("Closed.")
    assert done == ["started"]
    assert gone.tries == tried


@pytest.mark.parametrize("nobody", ["full disk", "closed pipe"])
def test_a_result_that_nobody_takes_is_still_told_by_the_exit_status(nobody: str) -> None:
    command = "from cluster.local.console import print_result; print_result('x' * 9); raise SystemExit(7)"
    reading, pipe = os.pipe()
    os.close(reading)
    with open("/dev/full" if nobody == "full disk" else pipe, "w") as stdout:
        ended = subprocess.run(
            [sys.executable, "-c", command], stdout=stdout, stderr=subprocess.PIPE, check=False, timeout=60, text=True
        )
    assert (ended.returncode, ended.stderr) == (
        7,
        "boxoffice: The result could not be printed; the exit status tells it.\n",
    )


def test_a_result_is_printed_one_thing_below_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    print_result("proven", Text("[all] of it"))
    assert capsys.readouterr().out == "proven\n[all] of it\n"


def test_what_must_stay_whole_is_not_cut_off(capsys: pytest.CaptureFixture[str]) -> None:
    print_result(Group(Text("x" * 500, no_wrap=True, overflow="ignore")))
    assert capsys.readouterr().out == "x" * 500 + "\n"


def test_what_a_step_raises_is_raised_and_its_end_not_claimed() -> None:
    said = io.StringIO()
    with pytest.raises(OSError, match="no such program"), Teller(Console(file=said)).step("Starting MongoDB"):
        raise OSError("no such program")
    assert said.getvalue() == "... Starting MongoDB\n"


def test_names_that_look_like_markup_are_said_as_they_are() -> None:
    said = io.StringIO()
    tell = Teller(Console(file=said))
    tell.announce("http://[fe80::1]:8000", ["data     /home/[me]/x"])
    tell.warn("Ray could not be started: /home/[/me]/x is full.")
    assert "http://[fe80::1]:8000" in said.getvalue()
    assert "/home/[me]/x" in said.getvalue()
    assert "/home/[/me]/x is full" in said.getvalue()
