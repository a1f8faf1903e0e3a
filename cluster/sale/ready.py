"""Whether there is a marketplace at all, before anything is prepared in it."""

import asyncio
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

from actors.runtime.clock import Clock, SystemClock
from cluster.audit.clock_of import ClockOf
from cluster.local.errors import ProofError
from cluster.sale.shop import Shop
from cluster.sale.steps import Answer, show_ready

ANSWER_MAX_S = 10.0
"""A marketplace that is to be loaded says within these that it is ready. Nothing is asked again: nothing runs yet."""


async def demand_ready(shop: Shop) -> Clock:
    """See that the marketplace answers, and is ready; its clock, by which its orders expire.

    Raises:
        ProofError: it accepts a connection and stays silent, it is not ready, or it is elsewhere.
    """
    answer = Answer(0, why=f"no answer within {ANSWER_MAX_S:.0f} s")
    try:
        async with asyncio.timeout(ANSWER_MAX_S):
            answer, _ = await shop.once(show_ready(), {})
    except TimeoutError:
        pass
    if answer.location:
        there = target_at(shop.url, answer.location)
        advice = f"Give {there} as --target, if that is yours to load."
        raise ProofError(f"{shop.url} sends whoever asks on to {answer.location}.", advice)
    if answer.status != 200:
        sentence = f"{shop.url} does not say that it is ready ({answer.words})."
        raise ProofError(sentence, "Look whether it runs, and what its /api/ready says.")
    return clock_of(answer)


def target_at(url: str, location: str) -> str:
    """The target to give instead, where the marketplace at `url` says that what it was asked is at `location`."""
    path = show_ready().path
    return urljoin(url + path, location).removesuffix(path)


def clock_of(answer: Answer) -> Clock:
    """The clock of whoever has just answered so; ours where the answer does not show it."""
    ours = SystemClock()
    try:
        return ClockOf(parsedate_to_datetime(answer.date), ours)
    except (ValueError, TypeError):  # no date, or one without a zone
        return ours
