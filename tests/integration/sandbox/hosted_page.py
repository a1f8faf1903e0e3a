"""Checkout sessions, and their pages as a browser without scripts sees them."""

from html.parser import HTMLParser
from typing import Any

import httpx


def line(cents: int = 1999, name: str = "Front row", quantity: int = 1) -> dict[str, Any]:
    price = {"currency": "usd", "product_data": {"name": name}, "unit_amount": cents}
    return {"price_data": price, "quantity": quantity}


def asked(**given: Any) -> dict[str, Any]:
    return {
        "mode": "payment",
        "line_items": [line()],
        "success_url": "https://shop.test/thanks?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://shop.test/orders/7",
        **given,
    }


def opened(api: Any, **given: Any) -> Any:
    return api.checkout.sessions.create(asked(**given))


class Form(HTMLParser):
    """What a page's form would send, and what it tells assistive software."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def fields(self) -> dict[str, str]:
        return {
            str(one["name"]): str(one.get("value", ""))
            for one in self.all("input")
            if one.get("type") != "radio" or "checked" in one
        }


def send(url: str, **choice: str) -> httpx.Response:
    """Fill in the form as it is now, and send it."""
    return httpx.post(url, data={**Form(httpx.get(url).text).fields(), "action": "pay", **choice})


def success_of(session: Any) -> str:
    return f"https://shop.test/thanks?session={session.id}"
