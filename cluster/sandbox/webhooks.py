"""Where events may go, and the signature that proves who sent them.

The endpoint object: https://docs.stripe.com/api/webhook_endpoints/object, the signature:
https://docs.stripe.com/webhooks#verify-manually.
"""

import hashlib
import hmac
import ipaddress
import json
import socket
from urllib.parse import urlsplit

from cluster.sandbox.errors import RefusedError
from cluster.sandbox.shapes import Json

SECRET_PREFIX = "whsec_"


def new(endpoint_id: str, secret: str, now: int, given: Json) -> Json:
    """Return a webhook endpoint with its secret; RefusedError for an address that is not on this machine."""
    check_url(given["url"])
    return {
        "id": endpoint_id,
        "object": "webhook_endpoint",
        "api_version": given.get("api_version"),
        "application": None,
        "created": now,
        "description": given.get("description"),
        "enabled_events": given["enabled_events"],
        "livemode": False,
        "metadata": given.get("metadata", {}),
        "secret": secret,
        "status": "enabled",
        "url": given["url"],
    }


def shown(endpoint: Json) -> Json:
    """Return an endpoint as it looks after its creation: without the secret."""
    return {name: value for name, value in endpoint.items() if name != "secret"}


def check_url(url: str) -> None:
    """RefusedError unless an address is on this machine: a sandbox must not be made to send things elsewhere."""
    if not _is_here(url):
        raise RefusedError(
            f"Invalid URL: {url[:200]}. The sandbox delivers webhooks to this machine only: use "
            "http://127.0.0.1:<port>/..., http://localhost:<port>/... or http://[::1]:<port>/..., or another of its "
            "addresses.",
            code="url_invalid",
            param="url",
        )


def signature(payload: bytes, secret: str, now: int) -> str:
    """Return the Stripe-Signature header of a payload signed at `now` (epoch seconds)."""
    signed = f"{now}.".encode() + payload
    return f"t={now},v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


def payload(event: Json, pending: int) -> bytes:
    """Return the body of a delivery, laid out as Stripe does."""
    return json.dumps({**event, "pending_webhooks": pending}, indent=2).encode()


def _is_here(url: str) -> bool:
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and parts.username is None and parts.port != 0
        return valid and (parts.hostname == "localhost" or _is_own(ipaddress.ip_address(parts.hostname or "")))
    except ValueError:
        return False


def _is_own(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether this machine has that address: nobody can listen on another's."""
    if address.is_unspecified:
        return False
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True
