"""What a buyer must do before the money moves (https://docs.stripe.com/api/payment_intents/object)."""

from cluster.sandbox.shapes import Json


def authenticate(page_url: str, return_url: str | None) -> Json:
    """Return the next_action for 3-D Secure: a redirect, or the browser SDK's own way."""
    if return_url is None:
        return {
            "type": "use_stripe_sdk",
            "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": page_url},
        }
    return {"type": "redirect_to_url", "redirect_to_url": {"url": page_url, "return_url": return_url}}


def page_url(action: Json | None) -> str | None:
    """Return the page that a next_action sends the buyer to; None when there is no next action."""
    if action is None:
        return None
    details: dict[str, str] = action[action["type"]]
    return details.get("url", details.get("stripe_js"))


def return_url(action: Json) -> str | None:
    """Return where the buyer wants to go afterwards, if anywhere."""
    details: dict[str, str] = action[action["type"]]
    return details.get("return_url")
