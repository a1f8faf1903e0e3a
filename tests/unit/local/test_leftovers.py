"""What a killed run left behind is found by what only it can carry, and ended."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cluster.local import leftovers
from cluster.local.folder import DataFolder
from cluster.local.processes import Identity
from cluster.local.record import RunRecord

NOBODY = Identity(2**22 + 1, 1.0)


def run(*arguments: str, title: str = sys.executable, log: int | None = None) -> subprocess.Popen[bytes]:
    """A Python that waits until its input ends, under another title and with a log if it has one."""
    command = [title, "-c", "input()", *arguments]
    files = () if log is None else (log,)
    return subprocess.Popen(command, executable=sys.executable, stdin=subprocess.PIPE, pass_fds=files)


def run_as(program: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """A shell under another name that does the same."""
    shutil.copy(Path("/bin/sh").resolve(), program)
    return subprocess.Popen([program, "-c", "read _", *arguments], stdin=subprocess.PIPE)


@contextmanager
def ended(*processes: subprocess.Popen[bytes]) -> Iterator[None]:
    """Whoever a test leaves alive ends with it."""
    try:
        yield
    finally:
        for each in processes:
            each.kill()
            each.communicate()


def test_recorded_marked_and_redirected_processes_are_ended_and_strangers_are_not(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "a")
    folder.run.mkdir()
    output = folder.run / "worker.out"
    with output.open("wb") as file:
        ours = [
            run(),  # recorded
            run_as(tmp_path / "mongod", "--dbpath", str(folder.mongo)),
            run(title="ray::tickets/0", log=file.fileno()),
        ]
        reader = run(log=file.fileno())
    strangers = [
        reader,
        run(title="ray::tickets/0"),
        run("--dbpath", str(folder.mongo)),
        run_as(tmp_path / "mongodump", "--dbpath", str(folder.mongo)),
        run_as(tmp_path / "mongod-6", "--dbpath", str(folder.mongo)),
    ]
    with ended(*ours, *strangers):
        who = Identity.of(ours[0].pid)
        assert who is not None
        left = leftovers.find(folder, RunRecord(owner=NOBODY, children={"ray": who}))
        assert {one.pid for one in left} == {one.pid for one in ours}
        leftovers.end(left, grace_s=10)
        assert [one.wait(10) for one in ours] == [-15, -15, -15]
        assert [one.poll() for one in strangers] == [None] * len(strangers)
    output.unlink()
    folder.run.rmdir()


def test_a_copy_whose_folder_ends_like_this_ones_is_left_alone(tmp_path: Path) -> None:
    # Given the copies in /a and in <tmp>/a, and a mongod of the second, whose path ends like the first one's,
    folder = DataFolder(Path("/a"))
    other = run_as(tmp_path / "mongod", "--dbpath", f"{tmp_path}/a/mongo")
    # then the first does not take it for its own.
    with ended(other):
        assert leftovers.find(folder, None) == []
        assert [one.pid for one in leftovers.find(DataFolder(tmp_path / "a"), None)] == [other.pid]


def test_a_recorded_pid_that_another_process_has_now_is_left_alone(tmp_path: Path) -> None:
    stranger = run()
    with ended(stranger):
        reused = Identity(stranger.pid, 0.5)
        assert leftovers.find(DataFolder(tmp_path), RunRecord(owner=NOBODY, children={"ray": reused})) == []
