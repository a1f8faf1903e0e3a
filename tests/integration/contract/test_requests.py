"""API.md, what holds for every request: the shape of errors, bodies, methods, and other web sites."""

from collections.abc import Iterator

import httpx
import pytest

from tests.integration.contract.people import NOWHERE, Person, error, refused
from tests.integration.office import Office

# What no ticket and no order decides is the same under both placements: one will do.
pytestmark = pytest.mark.parametrize("office", ["shared"], indirect=True, scope="session")

LARGE = 64 * 1024 + 1


@pytest.mark.parametrize("path", ["/api/nothing", "/api/tickets/", "/api", "/api/tickets/1/2", "/api/users/signup/x"])
def test_an_unknown_route(anyone: httpx.Client, path: str) -> None:
    answer = anyone.get(path)
    assert (answer.status_code, answer.json()) == (404, error("not_found", "There is nothing at this address"))
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("DELETE", "/api/tickets", "GET, HEAD, POST"), ("POST", f"/api/tickets/{NOWHERE}", "GET, HEAD, PUT"),
     ("GET", "/api/users/signin", "POST"), ("PATCH", f"/api/orders/{NOWHERE}", "DELETE, GET, HEAD")],
)  # fmt: skip
def test_a_method_that_is_not_understood(anyone: httpx.Client, method: str, path: str, allowed: str) -> None:
    answer = anyone.request(method, path)
    assert refused(answer) == (405, [("method_not_allowed", None)])
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize("path", ["/api/tickets", "/api/health", "/api/stream", "/docs", "/"])
def test_what_can_be_got_can_be_asked_about(anyone: httpx.Client, path: str) -> None:
    answer = anyone.head(path)
    assert (answer.status_code, answer.content) == (200, b"")


BROKEN = [b"", b"{", b"[]", b'"text"', b"7", b"null", b"\xff", b'{"a": \x00}', b"{'a': 1}", b"[" * 60_000, b"{}x"]
POSTS = ["/api/users/signup", "/api/users/signin", "/api/tickets", "/api/orders", "/api/payments"]


@pytest.mark.parametrize("path", POSTS)
def test_bodies_that_are_no_json_objects(seller: Person, path: str) -> None:
    for body in BROKEN:
        answer = seller.client.post(path, content=body, headers={"Content-Type": "application/json"})
        assert refused(answer) == (400, [("invalid_body", None)]), body[:20]


@pytest.mark.parametrize("path", POSTS)
def test_a_body_that_is_too_large(seller: Person, path: str) -> None:
    answer = seller.client.post(path, content=b'"' + b"x" * (LARGE - 1))
    assert refused(answer) == (413, [("body_too_large", None)])


@pytest.mark.parametrize("path", POSTS)
def test_a_body_that_is_too_large_and_does_not_say_so(seller: Person, path: str) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(10):
            yield b" " * 8 * 1024

    answer = seller.client.post(path, content=pieces())
    assert refused(answer) == (413, [("body_too_large", None)])


def test_10_megabytes(seller: Person) -> None:
    answer = seller.client.post("/api/tickets", content=b" " * 10_000_000)
    assert refused(answer) == (413, [("body_too_large", None)])


def test_a_body_that_just_fits(seller: Person) -> None:
    body = b'{"title": "Seat", "price": 1}'
    answer = seller.client.post("/api/tickets", content=body + b" " * (LARGE - 1 - len(body)))
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"},
     {"Origin": "http://127.0.0.1:1"}, {"Origin": "http://"}, {"Origin": "http://[bad"}],
    ids=str,
)  # fmt: skip
def test_another_web_site_may_not_act(seller: Person, headers: dict[str, str]) -> None:
    acts = (("POST", "/api/tickets"), ("DELETE", f"/api/orders/{NOWHERE}"), ("POST", "/api/users/signout"))
    for method, path in acts:
        answer = seller.client.request(method, path, headers=headers)
        assert refused(answer) == (403, [("cross_site", None)])


def test_another_web_site_may_look(anyone: httpx.Client) -> None:
    answer = anyone.get("/api/tickets", headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


def test_our_own_pages_may_act(seller: Person, office: Office) -> None:
    headers = {"Origin": office.url, "Sec-Fetch-Site": "same-origin"}
    answer = seller.client.post("/api/tickets", json={"title": "Seat", "price": 1}, headers=headers)
    assert answer.status_code == 201, answer.text
