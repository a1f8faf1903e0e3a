"""The pages around payments: the newest ones, and the 3-D Secure challenge."""

from html import escape

from cluster.sandbox import next_actions
from cluster.sandbox.intent_objects import money
from cluster.sandbox.layout import page
from cluster.sandbox.shapes import Json


def payments(found: list[Json]) -> str:
    """Return the page with the newest payments."""
    rows = "".join(_row(one) for one in found)
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Payment", "Amount", "Status", "Metadata"))
    return page(
        "Sandbox payments",
        f"<p>The newest {len(found)} payments.</p><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>",
    )


def _row(intent: Json) -> str:
    metadata = ", ".join(f"{key}={value}" for key, value in intent["metadata"].items())
    cells = (intent["id"], money(intent["amount"], intent["currency"]), intent["status"], metadata)
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def challenge(intent: Json) -> str:
    """Return the 3-D Secure page of an intent, with one button for each outcome."""
    amount = escape(money(intent["amount"], intent["currency"]))
    buttons = "".join(
        f'<form class="inline" method="post"><button name="outcome" value="{outcome}">{label}</button></form>'
        for outcome, label in (("complete", "Complete authentication"), ("fail", "Fail authentication"))
    )
    return page(
        "Sandbox 3-D Secure",
        f"<p>This page plays the part of the buyer's bank. Payment of "
        f"<strong>{amount}</strong> ({escape(intent['id'])}).</p>{buttons}",
    )


def finished(message: str) -> str:
    """Return the page for a challenge that is over and leads nowhere else."""
    return page("Sandbox 3-D Secure", f"<p>{escape(message)}</p>")


def is_open(intent: Json, url_path: str) -> bool:
    """Tell whether this page is the challenge that the intent is waiting for now, rather than an old one."""
    url = next_actions.page_url(intent["next_action"])
    return intent["status"] == "requires_action" and url is not None and url.endswith(url_path)
