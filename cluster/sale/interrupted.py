"""A sale that somebody ended with Ctrl-C."""

from cluster.local.errors import ProofError


class Interrupted(ProofError):
    """What it showed by then is told; nothing of it is proven."""

    exit_status = 130
    """As shells have it for whatever Ctrl-C ends."""


def interrupted(*, is_open: bool) -> Interrupted:
    """What to say of it."""
    if is_open:
        sentence, advice = "It was interrupted, and not audited.", "`boxoffice audit` proves what it left in the books."
    else:
        sentence, advice = "It was interrupted before the doors opened.", "Tickets may be on sale that nobody came for."
    return Interrupted(sentence, advice)
