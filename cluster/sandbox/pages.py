"""The two pages that people see. Both say "sandbox" and need no script."""

from html import escape

from cluster.sandbox import next_actions
from cluster.sandbox.intent_objects import money
from cluster.sandbox.shapes import Json

_STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; color: #1a1a1a; background: #fff }
main { max-width: 60rem; margin: 0 auto; padding: 1rem }
.banner { background: #7a3b00; color: #fff; padding: .5rem 1rem; margin: 0 }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .3rem .8rem .3rem 0 }
form { display: inline } button { font: inherit; padding: .6rem 1.2rem; margin-right: 1rem; min-height: 44px }
"""


def _page(title: str, content: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)} - Stripe sandbox</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body>"
        '<p class="banner">Stripe sandbox on this machine: no bank, no card, no money.</p>'
        f"<main><h1>{escape(title)}</h1>{content}</main></body></html>"
    )


def payments(found: list[Json]) -> str:
    """Return the page with the newest payments."""
    rows = "".join(_row(one) for one in found)
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Payment", "Amount", "Status", "Metadata"))
    return _page(
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
        f'<form method="post"><button name="outcome" value="{outcome}">{label}</button></form>'
        for outcome, label in (("complete", "Complete authentication"), ("fail", "Fail authentication"))
    )
    return _page(
        "Sandbox 3-D Secure",
        f"<p>This page plays the part of the buyer's bank. Payment of "
        f"<strong>{amount}</strong> ({escape(intent['id'])}).</p>{buttons}",
    )


def finished(message: str) -> str:
    """Return the page for a challenge that is over and leads nowhere else."""
    return _page("Sandbox 3-D Secure", f"<p>{escape(message)}</p>")


def is_open(intent: Json, url_path: str) -> bool:
    """Tell whether this page is the challenge that the intent is waiting for now, rather than an old one."""
    url = next_actions.page_url(intent["next_action"])
    return intent["status"] == "requires_action" and url is not None and url.endswith(url_path)
