"""The hosted Checkout page: what is bought, how to pay, and kind words when it is too late."""

from dataclasses import dataclass
from html import escape

from cluster.sandbox.intent_objects import money
from cluster.sandbox.layout import page
from cluster.sandbox.shapes import Json

TITLE = "Checkout"
CHOICES = (
    ("visa", "4242 4242 4242 4242", "pays"),
    ("visa_chargeDeclined", "4000 0000 0000 0002", "is declined"),
    ("visa_chargeDeclinedInsufficientFunds", "4000 0000 0000 9995", "has insufficient funds"),
    ("chargeDeclinedExpiredCard", "4000 0000 0000 0069", "has expired"),
    ("threeDSecure2Required", "4000 0000 0000 3220", "asks for 3-D Secure, then pays"),
    ("threeDSecureRequiredChargeDeclined", "4000 0084 0000 1629", "asks for 3-D Secure, then is declined"),
    ("refundFail", "4000 0000 0000 5126", "pays, but its refunds fail later"),
    ("pendingRefund", "4000 0000 0000 7726", "pays, but its refunds take a while"),
)
"""Test cards to choose from: name, number, what it does."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a session's page shows."""

    session: Json
    lines: list[Json]
    attempts: int
    """How often the buyer has tried to pay: sent back with the form, so that a double click is one try."""

    error: str | None = None
    """Why the last try failed, in words for the buyer."""


def form(shown: Shown) -> str:
    """Return the page of an open session."""
    title = f"{TITLE}: payment failed" if shown.error else TITLE
    return page(title, f"{_alert(shown.error)}{_lines(shown)}{_form(shown)}{_back(shown.session)}", narrow=True)


def over(session: Json) -> str:
    """Return the page of a session that was paid, or that expired."""
    if session["status"] == "complete":
        link = _link(success_url(session), "Go on to the shop")
        return page("Already paid", f"<p>Thank you: this order is paid. There is nothing more to do.</p>{link}")
    words = (
        "<p>This checkout has expired, and no payment was taken. If you still want what was in it, please go "
        "back to the shop and start again.</p>"
    )
    return page("This checkout has expired", f"{words}{_back(session)}", narrow=True)


def unknown() -> str:
    """Return the page for an address that belongs to no session."""
    return page("No such checkout", "<p>There is no checkout at this address.</p>", narrow=True)


def success_url(session: Json) -> str:
    """Return where a buyer who paid goes; Stripe writes the session's id where the shop asks for it."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _alert(error: str | None) -> str:
    if error is None:
        return ""
    # Focused, so that a screen reader begins with it.
    return f'<p class="alert" role="alert" tabindex="-1" autofocus>{escape(error)} You may try another card.</p>'


def _lines(shown: Shown) -> str:
    currency = shown.session["currency"]
    rows = "".join(
        f"<tr><td>{escape(line['name'])}</td><td class=number>{line['quantity']}</td>"
        f"<td class=number>{escape(money(line['amount'], currency))}</td></tr>"
        for line in shown.lines
    )
    total = escape(money(shown.session["amount_total"], currency))
    return (
        "<h2>Your order</h2><table><thead><tr><th scope=col>Item</th><th scope=col class=number>Quantity</th>"
        f"<th scope=col class=number>Amount</th></tr></thead><tbody>{rows}</tbody>"
        f"<tfoot><tr><th scope=row colspan=2>Total</th><td class=number>{total}</td></tr></tfoot></table>"
    )


def _form(shown: Shown) -> str:
    total = escape(money(shown.session["amount_total"], shown.session["currency"]))
    return (
        '<h2>Pay with a test card</h2><form method="post">'
        f'<input type="hidden" name="attempt" value="{shown.attempts}">{_choices()}{_number()}'
        f'<p><button class="primary" name="action" value="pay">Pay {total}</button>'
        '<button name="action" value="decline">Decline</button>'
        '<button name="action" value="authenticate">3-D Secure</button></p>'
        '<p class="hint">Decline and 3-D Secure use a test card of their own.</p></form>'
    )


def _choices() -> str:
    choices = "".join(
        f'<div class="choice"><input type="radio" name="card" id="card-{name}" value="{name}"'
        f'{" checked" if name == "visa" else ""}><label for="card-{name}">{number} {words}</label></div>'
        for name, number, words in CHOICES
    )
    return f"<fieldset><legend>Test card</legend>{choices}</fieldset>"


def _number() -> str:
    return (
        '<div class="field"><label for="number">Or another test card number</label>'
        '<p class="hint" id="number-hint">If you fill this in, it counts instead of the choice above. '
        "Never type the number of a real card.</p>"
        '<input id="number" name="number" inputmode="numeric" autocomplete="off" maxlength="30" '
        'aria-describedby="number-hint"></div>'
    )


def _back(session: Json) -> str:
    return _link(session["cancel_url"], "Back to the shop") if session["cancel_url"] else ""


def _link(url: str, words: str) -> str:
    return f'<p><a href="{escape(url)}">{words}</a></p>'
