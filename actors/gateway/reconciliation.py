"""Reconciliation: walks through what Stripe holds and applies whatever no webhook and no answer has told of."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import stripe
from msgspec import Struct
from pymongo.asynchronous.database import AsyncDatabase

from actors.contract import PAYMENTS, IntentCancelled, IntentDeclined, IntentSucceeded, RefundSucceeded, StripeAnswer
from actors.gateway.hints import Finding, Hints, of_intent, of_session
from actors.runtime.clock import Clock
from actors.runtime.codec import Document
from actors.runtime.envelope import is_final
from actors.runtime.partition import slot_of

LOOK_BACK = timedelta(days=3)
"""How old an object may be: Stripe gives webhooks up after that time, too."""

PAGE = 100

SETTLED: dict[type[StripeAnswer], frozenset[str]] = {
    IntentSucceeded: frozenset({"succeeded", "refunding", "refunded"}),
    RefundSucceeded: frozenset({"refunded", "failed"}),
    IntentCancelled: frozenset({"failed"}),
    IntentDeclined: frozenset({"failed", "cancelling"}),
}
"""Phases of an attempt in which what Stripe says is known already."""


class Report(Struct, frozen=True):
    """What one pass has seen and done."""

    looked_at: int
    """Objects of this partition at Stripe."""

    told: int
    """Payments that had not heard of theirs."""

    failed: int
    """Payments that could not be told; the next pass tries again."""


class Reconciliation:
    """The pass over one partition's payments."""

    def __init__(
        self,
        client: stripe.StripeClient,
        hints: Hints,
        database: AsyncDatabase[Document],
        slots: range,
        clock: Clock,
    ) -> None:
        """Compare what `client` lists with what `database` holds for the payments in `slots`."""
        self._stripe = client.v1
        self._hints = hints
        self._payments = database.get_collection(PAYMENTS)
        self._slots = slots
        self._clock = clock

    async def __call__(self) -> Report:
        """One pass.

        Raises:
            stripe.StripeError: Stripe could not be asked.
            pymongo.errors.PyMongoError: the database could not be asked.
        """
        looked_at, replies = 0, []
        async for finding in self._findings(self._clock.now() - LOOK_BACK):
            looked_at += 1
            if await self._is_news(finding):
                replies.append(await self._hints.tell(finding))
        failed = sum(not is_final(reply) for reply in replies)
        return Report(looked_at, len(replies) - failed, failed)

    async def _findings(self, since: datetime) -> AsyncIterator[Finding]:
        """What the sessions and intents of this partition say now."""
        params: Any = {"limit": PAGE, "created": {"gte": int(since.timestamp())}}
        sessions = await self._stripe.checkout.sessions.list_async(params)
        async for session in sessions.auto_paging_iter():
            if (finding := of_session(session)) and slot_of(finding.order_id) in self._slots:
                yield finding
        intents = await self._stripe.payment_intents.list_async(params | {"expand": ["data.latest_charge"]})
        async for intent in intents.auto_paging_iter():
            if (mine := of_intent(intent)) and slot_of(mine.order_id) in self._slots:
                yield await self._hints.look(intent) or mine

    async def _is_news(self, finding: Finding) -> bool:
        """Whether the payment does not know this yet."""
        stored = await self._payments.find_one({"_id": finding.order_id}, {"attempt": 1, "past": 1}) or {}
        attempts = [stored[name] for name in ("attempt",) if name in stored] + stored.get("past", [])
        attempt = next((each for each in attempts if each["number"] == finding.answer.attempt), None)
        about = getattr(finding.answer, "stripe_id", None)
        if attempt is None or attempt["phase"] in SETTLED[type(finding.answer)]:
            return False
        return isinstance(finding.answer, IntentSucceeded) or about in (None, attempt.get("stripeId"))
