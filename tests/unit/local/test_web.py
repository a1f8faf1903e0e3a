"""Asking on this machine: past every proxy, and whoever answers nonsense does not answer."""

import http.client
import urllib.request

import httpx
import pytest

from cluster.local.web import answers, past_proxies

LOCAL = "127.0.0.1,localhost,::1"
PROXY = {"http_proxy": "http://proxy.example:3128", "https_proxy": "http://proxy.example:3128"}
THEIRS = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY")


@pytest.mark.parametrize(
    ("environ", "value"),
    [
        ({}, LOCAL),
        ({"no_proxy": ""}, LOCAL),
        ({"NO_PROXY": "corp.example"}, f"corp.example,{LOCAL}"),
        ({"no_proxy": "corp.example", "NO_PROXY": "other.example"}, f"corp.example,{LOCAL}"),
        ({"NO_PROXY": "*"}, "*"),
    ],
)
def test_this_machine_is_added_to_what_is_excepted(environ: dict[str, str], value: str) -> None:
    assert past_proxies(environ) == {"no_proxy": value, "NO_PROXY": value}


@pytest.mark.parametrize("kept", ["", "corp.example", "*"])
def test_http_clients_understand_it(monkeypatch: pytest.MonkeyPatch, kept: str) -> None:
    for name in THEIRS:
        monkeypatch.delenv(name, raising=False)
    for name, value in (PROXY | past_proxies({"NO_PROXY": kept})).items():
        monkeypatch.setenv(name, value)
    for host in ("127.0.0.1", "localhost", "[::1]"):
        assert urllib.request.proxy_bypass(host.strip("[]"))
        with httpx.Client() as client:
            assert client._transport_for_url(httpx.URL(f"http://{host}:12111")) is client._transport


def test_who_answers_nonsense_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def nonsense(*_: object, **__: object) -> None:
        raise http.client.BadStatusLine("HELO")

    monkeypatch.setattr(urllib.request.OpenerDirector, "open", nonsense)
    assert not answers("http://127.0.0.1:8000/api/ready")
