"""A sale that somebody ended: with Ctrl-C, or as systems end programs, by SIGTERM."""

import signal
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType
from typing import Any

from cluster.local.errors import ProofError


class Interrupted(ProofError):
    """What it showed by then is told; nothing of it is proven."""

    exit_status = 130
    """As shells have it for whatever Ctrl-C ends."""


@contextmanager
def handling(handler: Any, *signals: signal.Signals) -> Iterator[None]:  # noqa: ANN401  what `signal.signal` takes
    """Let `handler` deal with these signals within the block."""
    before = [(each, signal.signal(each, handler)) for each in signals]
    try:
        yield
    finally:
        for each, other in before:
            signal.signal(each, other)


def sigterm_as_ctrl_c() -> AbstractContextManager[None]:
    """Within this block SIGTERM is Ctrl-C: a CI that gives up gets its report too."""
    return handling(_as_ctrl_c, signal.SIGTERM)


def undisturbed() -> AbstractContextManager[None]:
    """Within this block neither does anything: who presses Ctrl-C twice gets the report all the same."""
    return handling(signal.SIG_IGN, signal.SIGINT, signal.SIGTERM)


def _as_ctrl_c(_: int, frame: FrameType | None) -> None:
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler):  # ignored, as in a shell's background; SIGTERM is not
        raise KeyboardInterrupt
    handler(signal.SIGINT, frame)


def interrupted(*, is_open: bool) -> Interrupted:
    """What to say of it."""
    if is_open:
        sentence, advice = "It was interrupted, and not audited.", "`boxoffice audit` proves what it left in the books."
    else:
        sentence, advice = "It was interrupted before the doors opened.", "Tickets may be on sale that nobody came for."
    return Interrupted(sentence, advice)
