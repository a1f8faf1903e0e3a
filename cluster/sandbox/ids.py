"""Ids and secrets in Stripe's form. The one place with randomness."""

import secrets
import string

_ALPHABET = string.ascii_letters + string.digits
ID_LENGTH = 24


def new_id(prefix: str) -> str:
    """Return a fresh id such as `pi_3NqXv0…`: prefix, underscore, 24 letters and digits."""
    return f"{prefix}_{''.join(secrets.choice(_ALPHABET) for _ in range(ID_LENGTH))}"


def client_secret(intent_id: str) -> str:
    """Return the secret with which a browser may finish one intent."""
    return new_id(f"{intent_id}_secret")
