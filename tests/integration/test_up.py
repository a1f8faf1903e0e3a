"""The life of `boxoffice up`: it starts, stands side by side with another, survives what is killed, leaves nothing.

With an application of one route, so that what is tested is the care for processes and not the marketplace.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from pymongo import MongoClient, WriteConcern

from cluster.local import leftovers
from cluster.local.folder import DataFolder
from cluster.local.processes import Identity, family, kill
from tests.tls import TLS
from tests.waiting import wait_for

ROOT = Path(__file__).parents[2]
APPLICATION = "tests.integration.tiny_application:application"
START_S = 180
"""Fifteen seconds on an idle machine; tests share theirs."""
MAJORITY = WriteConcern("majority", j=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Copy:
    """One copy of the marketplace, run by the command itself."""

    data: Path
    host: str = "127.0.0.1"
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def output(self) -> str:
        return self.data.with_suffix(".out").read_text()

    def command(self, verb: str, *flags: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """A command about this copy that is expected to end by itself."""
        given = [sys.executable, "-m", "cluster", verb, "--data-dir", str(self.data), *flags]
        env = bare() | environ
        return subprocess.run(given, cwd=ROOT, env=env, capture_output=True, text=True, timeout=90, check=False)

    def start(self) -> None:
        """`up`, until it is ready."""
        given = [sys.executable, "-m", "cluster", "up", "--data-dir", str(self.data)]
        given += ["--host", self.host, "--port", str(self.port)]
        with self.data.with_suffix(".out").open("wb") as out:
            self.process = subprocess.Popen(given, cwd=ROOT, env=bare(), stdout=out, stderr=out)
        wait_for("an open marketplace", self.opened, START_S)

    def opened(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"`up` ended:\n{self.output}"
        return f"Box Office is open: {self.url}" in self.output

    def ready(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/api/ready", timeout=5, verify=TLS).status_code == 200
        return False

    def record(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.data / "run.json").read_text())
        return found

    def tree(self) -> list[Identity]:
        """`up` and everything it started."""
        assert self.process is not None
        root = Identity.of(self.process.pid)
        assert root is not None
        return family([root])

    def left(self) -> list[int]:
        return [who.pid for who in leftovers.find(DataFolder(self.data), None)]

    def remember(self, fact: str) -> None:
        with MongoClient[dict[str, Any]](self.record()["mongo_url"]) as client:
            client["test"].get_collection("facts", write_concern=MAJORITY).insert_one({"_id": fact})

    def remembers(self) -> set[str]:
        with MongoClient[dict[str, Any]](self.record()["mongo_url"], serverSelectionTimeoutMS=5000) as client:
            return {document["_id"] for document in client["test"]["facts"].find()}


def bare() -> dict[str, str]:
    """This environment without settings, and with the small application."""
    settings = ("BOXOFFICE_", "STRIPE_", "MONGO_URL", "JWT_KEY")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(settings)}
    return kept | {"BOXOFFICE_APPLICATION": APPLICATION}


def gone(processes: list[Identity]) -> bool:
    return not any(process.alive() for process in processes)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    """A copy that most tests share; each leaves it running."""
    copy = Copy(tmp_path_factory.mktemp("shared") / "data")
    try:
        copy.start()
        yield copy
    finally:
        clear(copy)


def clear(copy: Copy) -> None:
    """End it whatever state a failed test left it in."""
    if copy.process is not None and copy.process.poll() is None:
        copy.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            copy.process.wait(60)
        kill(copy.tree() if copy.process.poll() is None else [])
        copy.process.wait()
    leftovers.end(leftovers.find(DataFolder(copy.data), None))


def test_a_started_copy_is_ready_and_says_what_it_is(copy: Copy) -> None:
    assert copy.ready()
    status = json.loads(copy.command("status", "--json").stdout)
    assert (status["running"], status["ready"], status["pid"]) == (True, True, copy.tree()[0].pid)
    assert (status["mongodb"]["primary"], status["mongodb"]["embedded"]) == (True, True)
    assert len(status["serve"]) == 1
    assert status["stripe"]["answers"] is True
    assert "is ready" in copy.command("status").stdout


def test_the_state_of_replicas_is_known_once_the_dashboard_is_open(copy: Copy) -> None:
    """It opens after the marketplace does: buyers need none."""

    def states() -> list[Any]:
        return [one["state"] for one in json.loads(copy.command("status", "--json").stdout)["serve"]]

    wait_for("the replica's state", lambda: states() == ["ALIVE"], 60)
    assert "ServeReplica:boxoffice:Tiny" in copy.command("ray", "list", "actors").stdout


def test_the_record_and_the_arguments_hold_no_secret(copy: Copy) -> None:
    secrets = [(copy.data / name).read_text() for name in ("jwt-key", "ray-token")]
    shown = [(copy.data / "run.json").read_text(), copy.output]
    for who in copy.tree():
        with contextlib.suppress(OSError):
            shown.append(Path(f"/proc/{who.pid}/cmdline").read_text(errors="replace"))
    assert not [text for text in shown for secret in secrets if secret in text]


def test_only_replicas_calls_listen_beyond_loopback(copy: Copy) -> None:
    """Serve binds the port of calls between deployments everywhere; Ray's token guards it."""
    wide = set()
    for who in copy.tree():
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(who.pid)
            sockets = [one for one in process.net_connections("tcp") if one.status == psutil.CONN_LISTEN]
            wide |= {process.name() for one in sockets if not one.laddr.ip.removeprefix("::ffff:").startswith("127.")}
    assert not [name for name in wide if not name.startswith("ray::ServeReplica")]


@pytest.mark.parametrize(
    ("flags", "environ", "sentence"),
    [
        (["--port", "{port}"], {}, "Port {port} on 127.0.0.1 is taken by process "),
        (["--data-dir", "{data}"], {}, "The data folder {data} is in use by a running copy (process {pid})."),
        (
            [],
            {"MONGO_URL": "mongodb://u:hush@127.0.0.1:1/"},
            "The MongoDB at mongodb://127.0.0.1:1/ does not answer.",
        ),
        (["--port", "x"], {"BOXOFFICE_REPLICAS": "0", "JWT_KEY": "hush"}, "3 settings are wrong:"),
    ],
    ids=["port taken", "folder in use", "dead MongoDB", "wrong settings"],
)
def test_what_an_operator_can_mend_is_one_sentence_and_status_1(
    copy: Copy, tmp_path: Path, flags: list[str], environ: dict[str, str], sentence: str
) -> None:
    facts = {"port": copy.port, "data": copy.data, "pid": copy.tree()[0].pid}
    other = Copy(tmp_path / "data")
    ended = other.command("up", "--port", str(other.port), *(flag.format(**facts) for flag in flags), **environ)
    assert ended.returncode == 1
    assert sentence.format(**facts) in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "hush" not in ended.stderr + ended.stdout


def test_a_killed_mongod_is_back_with_its_data(copy: Copy) -> None:
    copy.remember("before mongod was killed")
    os.kill(copy.record()["children"]["mongod"]["pid"], signal.SIGKILL)
    wait_for("the line that MongoDB works again", lambda: "MongoDB works again" in copy.output, 60)
    assert "MongoDB killed by SIGKILL; starting it again now" in copy.output
    assert "before mongod was killed" in copy.remembers()


def test_a_second_copy_works_beside_and_ctrl_c_leaves_nothing_of_it(copy: Copy, tmp_path: Path) -> None:
    # On another address than the one on which Serve's replicas are asked.
    second = Copy(tmp_path / ("a-long-name-" * 10) / "data", host="127.0.0.2")
    second.data.parent.mkdir()
    try:
        second.start()
        assert second.ready()
        assert copy.ready()
        whole = second.tree()
        assert len(whole) > 10
        assert second.process is not None
        second.process.send_signal(signal.SIGINT)
        assert second.process.wait(60) == 0
        assert gone(whole), "somebody outlived Ctrl-C"
        assert second.left() == []
        assert copy.ready()
        assert second.command("status").returncode == 3
    finally:
        clear(second)


def test_after_a_kill_of_up_alone_the_next_takes_over(copy: Copy) -> None:
    copy.remember("before up was killed")
    before = copy.tree()
    assert copy.process is not None
    copy.process.kill()
    copy.process.wait()
    assert "are still there" in copy.command("status").stdout
    copy.start()
    assert f"Ending {len(before) - 1} processes" in copy.output
    assert gone(before), "somebody of the killed run still lives"
    assert "before up was killed" in copy.remembers()


def test_after_a_kill_of_everything_the_next_continues(copy: Copy) -> None:
    copy.remember("before everything was killed")
    before = copy.tree()
    for who in before:
        who.send(signal.SIGSTOP)  # nobody may start a successor meanwhile
    kill([*copy.tree(), *before])
    assert copy.process is not None
    copy.process.wait()
    wait_for("the end of all", lambda: gone(before))
    copy.start()
    assert copy.ready()
    assert "before everything was killed" in copy.remembers()


def test_down_ends_it_and_says_so(copy: Copy) -> None:
    whole = copy.tree()
    ended = copy.command("down")
    assert (ended.returncode, ended.stdout.strip()) == (0, f"Box Office at {copy.url} is closed.")
    assert gone(whole), "somebody outlived `down`"
    assert copy.left() == []
    assert copy.process is not None
    assert copy.process.wait(5) == 0
    assert json.loads(copy.command("status", "--json").stdout) == {"running": False, "left_behind": 0}
    assert copy.command("down").stdout.strip() == f"Nothing runs in {copy.data}."
