"""What a killed run left behind is found by what only it can carry, and ended."""

import subprocess
import sys
from pathlib import Path

from cluster.local import leftovers
from cluster.local.folder import DataFolder
from cluster.local.processes import Identity
from cluster.local.record import RunRecord

SLEEP = "import time; time.sleep(60)"
NOBODY = Identity(2**22 + 1, 1.0)


def run(*arguments: str, stdout: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", SLEEP, *arguments], stdout=stdout)


def test_recorded_marked_and_redirected_processes_are_ended_and_strangers_are_not(tmp_path: Path) -> None:
    folder, other = DataFolder(tmp_path / "a"), DataFolder(tmp_path / "b")
    for made in (folder, other):
        made.run.mkdir()
    with (folder.run / "worker.out").open("wb") as output:
        recorded, marked = run(), run(f"--dbpath={folder.mongo}")
        redirected, stranger = run(stdout=output.fileno()), run(f"--temp-dir={other.run}/ray")
    try:
        who = Identity.of(recorded.pid)
        assert who is not None
        left = leftovers.find(folder, RunRecord(owner=NOBODY, children={"ray": who}))
        assert {one.pid for one in left} == {recorded.pid, marked.pid, redirected.pid}
        leftovers.end(left, grace_s=10)
        assert [one.wait(10) for one in (recorded, marked, redirected)] == [-15, -15, -15]
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
        (folder.run / "worker.out").unlink()
        folder.run.rmdir()
        other.run.rmdir()


def test_a_recorded_pid_that_another_process_has_now_is_left_alone(tmp_path: Path) -> None:
    stranger = run()
    try:
        reused = Identity(stranger.pid, 0.5)
        assert leftovers.find(DataFolder(tmp_path), RunRecord(owner=NOBODY, children={"ray": reused})) == []
    finally:
        stranger.kill()
        stranger.wait()
