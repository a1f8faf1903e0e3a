"""The price on the button, as its buyer saw it: its seller may change it in the very moment in which it is pressed.

The form says what was seen. Where the order is at another price, its page says so before anything is paid.
"""

from typing import Any

FIELD = "seen"
"""Of the form, and of the order's address: cents."""

_DIGITS_MAX = 8


def seen_in(text: str) -> int:
    """The price in cents that a form or an address brings; 0 for none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS_MAX else 0


def address_of(order: dict[str, Any], seen: int) -> str:
    """Where a new order is; it takes along the price that was `seen`, in cents, if that is no longer so."""
    address = f"/orders/{order['id']}"
    now = round(order["ticket"]["price"] * 100)
    return f"{address}?{FIELD}={seen}" if seen not in (0, now) else address
