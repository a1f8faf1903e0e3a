"""API.md, /api/health, /api/ready, /docs and /openapi.json."""

import re

import httpx
import pytest

from tests.integration.contract.people import Json

# What no ticket and no order decides is the same under both placements: one will do.
pytestmark = pytest.mark.parametrize("office", ["shared"], indirect=True, scope="session")


@pytest.fixture
def document(anyone: httpx.Client) -> Json:
    answer = anyone.get("/openapi.json")
    assert answer.status_code == 200
    found: Json = answer.json()
    return found


def test_health(anyone: httpx.Client) -> None:
    answer = anyone.get("/api/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_ready(anyone: httpx.Client) -> None:
    answer = anyone.get("/api/ready")
    assert (answer.status_code, answer.json()) == (200, {"ready": True})


def test_the_documentation_needs_no_internet(anyone: httpx.Client) -> None:
    page = anyone.get("/docs")

    assert page.status_code == 200
    links = re.findall(r'(?:href|src)="([^"]+)"', page.text)
    assert links
    for link in links:
        assert link.startswith("/"), f"{link} leads elsewhere"
        assert anyone.get(link).status_code == 200, link
    assert "'/openapi.json'" in page.text


def test_the_document_has_every_line_of_the_contract(document: Json) -> None:
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert described >= {
        ("POST", "/api/users/signup"),
        ("POST", "/api/users/signin"),
        ("POST", "/api/users/signout"),
        ("GET", "/api/users/currentuser"),
        ("GET", "/api/tickets"),
        ("POST", "/api/tickets"),
        ("GET", "/api/tickets/{ticket_id}"),
        ("PUT", "/api/tickets/{ticket_id}"),
        ("POST", "/api/orders"),
        ("GET", "/api/orders"),
        ("GET", "/api/orders/{order_id}"),
        ("DELETE", "/api/orders/{order_id}"),
        ("POST", "/api/orders/{order_id}/refund"),
        ("POST", "/api/payments"),
        ("GET", "/api/stream"),
        ("GET", "/api/health"),
        ("GET", "/api/ready"),
    }
