"""API keys (https://docs.stripe.com/api/authentication): Bearer, or Basic with the key as the user."""

import base64
import binascii

from cluster.sandbox.errors import UnauthorizedError

KEY_PREFIX = "sk_test_"
_HELP = (
    "You did not provide an API key. You need to provide your API key in the Authorization header, using "
    "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See "
    "https://stripe.com/docs/api#authentication for "
    "details, or we can help at https://support.stripe.com/."
)
_SHOWN = 4


def check(header: str | None) -> None:
    """Accept the Authorization header of any test key; UnauthorizedError for everything else."""
    key = _key(header or "")
    if not key:
        raise UnauthorizedError(_HELP)
    if not key.startswith(KEY_PREFIX) or key == KEY_PREFIX:
        raise UnauthorizedError(f"Invalid API Key provided: {_masked(key)}")


def _key(header: str) -> str:
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(credentials, validate=True).decode("ascii").partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _masked(key: str) -> str:
    hidden = max(len(key) - len(KEY_PREFIX) - _SHOWN, 0)
    return key[: len(KEY_PREFIX)] + "*" * min(hidden, 40) + (key[-_SHOWN:] if hidden else "")
