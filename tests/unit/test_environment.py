"""What Ray, Serve and HAProxy are told wherever an office runs."""

import subprocess
import sys
from pathlib import Path

import pytest

from cluster import environment, open_files
from cluster.local import ray_env
from cluster.local.folder import DataFolder
from cluster.local.ports import Ports


@pytest.mark.parametrize(("files", "connections"), [(3_000, "1000"), (20_000, "6666"), (10**9, "16000")])
def test_haproxy_takes_no_more_connections_than_it_has_files_for(
    monkeypatch: pytest.MonkeyPatch, files: int, connections: str
) -> None:
    monkeypatch.setattr(open_files, "most", lambda: files)
    assert environment.variables()["RAY_SERVE_HAPROXY_MAXCONN"] == connections


def test_a_laptop_says_the_same_and_more(tmp_path: Path) -> None:
    assert environment.variables().items() < ray_env.head_env(DataFolder(tmp_path), Ports(20_000)).items()


def test_a_command_runs_in_it_with_files_enough(tmp_path: Path) -> None:
    # Given a shell that may have few files open, and an operator who wants something else,
    few = 'ulimit -Sn 256; RAY_SERVE_HAPROXY_MAXCONN=9 exec "$0" -m cluster.environment'
    # when a command is run by way of it,
    asked = 'ulimit -Sn; echo "$RAY_SERVE_HAPROXY_TIMEOUT_CLIENT_S $RAY_SERVE_HAPROXY_MAXCONN"'
    ran = subprocess.run(
        ["sh", "-c", f"{few} sh -c '{asked}'", sys.executable], capture_output=True, text=True, check=True
    )
    # then its files are many, it is told everything, and the operator wins.
    assert ran.stdout.splitlines() == [str(min(open_files.most(), open_files.PLENTY)), "60 9"]
