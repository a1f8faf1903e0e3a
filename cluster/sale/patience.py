"""How often, how soon and for how long requests are repeated whose answers were lost or told nothing. Pure."""

TRIES_MAX = 40
AGAIN_S = 0.25
AGAIN_MAX_S = 5.0
"""Seconds until a request is repeated; the server's `Retry-After` counts, up to the second of these."""

ANSWER_MAX_S = 30.0
"""Seconds after which an answer counts as lost."""

PREPARE_S, SIGN_UP_S, LISTING_S = 60.0, 0.2, 0.05
"""Seconds that a preparation may take, and for each account and each ticket: most marketplaces need a tenth."""

ASKING_S, QUESTION_S = 60.0, 0.02
"""Seconds that the questions of a witness may take, and for each of them: most marketplaces need a tenth."""


def prepare_max_s(accounts: int, tickets: int) -> float:
    """Seconds after which a preparation is given up: what falls silent in it is repeated for twenty minutes else."""
    return PREPARE_S + accounts * SIGN_UP_S + tickets * LISTING_S


def asking_max_s(questions: int) -> float:
    """Seconds after which a witness that falls silent is heard no longer, for the same reason."""
    return ASKING_S + questions * QUESTION_S


def pause_s(retry_after: str | None) -> float:
    """Seconds until the next try, by the answer's `Retry-After`."""
    try:
        return min(float(retry_after), AGAIN_MAX_S) if retry_after else AGAIN_S
    except ValueError:  # a date: proxies may send one
        return AGAIN_MAX_S
