"""How often, and how soon, a request is repeated whose answer was lost or told nothing. Pure."""

TRIES_MAX = 40
AGAIN_S = 0.25
AGAIN_MAX_S = 5.0
"""Seconds until a request is repeated; the server's `Retry-After` counts, up to the second of these."""

ANSWER_MAX_S = 30.0
"""Seconds after which an answer counts as lost."""


def pause_s(retry_after: str | None) -> float:
    """Seconds until the next try, by the answer's `Retry-After`."""
    try:
        return min(float(retry_after), AGAIN_MAX_S) if retry_after else AGAIN_S
    except ValueError:  # a date: proxies may send one
        return AGAIN_MAX_S
