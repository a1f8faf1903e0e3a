"""Reconciliation: walks through what Stripe holds and applies whatever no webhook and no answer has told of."""

import logging
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, Literal

import stripe
from msgspec import Struct
from pymongo.asynchronous.database import AsyncDatabase

from actors.contract import PAYMENTS
from actors.gateway.findings import Finding, of_charge, of_refund, of_session
from actors.gateway.hints import Hints
from actors.payment import PaymentBehaviour
from actors.payment_state import Payment
from actors.runtime.clock import Clock
from actors.runtime.codec import Document, from_document
from actors.runtime.envelope import is_final
from actors.runtime.partition import slot_of

LOOK_BACK = timedelta(days=3)
"""How old an intent or page may be: Stripe gives webhooks up after that time, too."""

REFUNDS_LOOK_BACK = timedelta(days=45)
"""How old a refund may be, of a sale of any age: it may come back up to thirty days after the bank has posted it."""

PAGE = 100

IN_VAIN_MAX = 5
"""After so many look-ups that failed, and none between them that told a payment anything, it is Stripe that is away and
not one object that is odd: the pass ends, rather than wait for a time-out for each of thousands."""

log = logging.getLogger("boxoffice.payments")

Outcome = Literal["no news", "told", "failed"]
"""What came of a claim: it is no news to the payment, or the payment was told, or could not be told."""

RULES = PaymentBehaviour()
"""What is news is what a payment would make something of."""


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
            stripe.StripeError: Stripe could not be asked for a list, or about one object after the other.
            pymongo.errors.PyMongoError: the database could not be asked.
        """
        outcomes: Counter[Outcome] = Counter()
        in_vain = 0
        async for claim in self._claims(self._clock.now()):
            try:
                outcome = await self._tell(claim)
                in_vain = 0 if outcome == "told" else in_vain
            except stripe.StripeError as error:  # about this object, perhaps, alone: the others have their turn
                in_vain += not isinstance(error, stripe.InvalidRequestError)
                if in_vain == IN_VAIN_MAX:
                    raise
                log.warning("cannot look up %s: %s", claim.about, error)
                outcome = "failed"
            outcomes[outcome] += 1
        return Report(looked_at=outcomes.total(), told=outcomes["told"], failed=outcomes["failed"])

    async def _tell(self, claim: Finding) -> Outcome:
        """Tell the payment what is news to it. Before that, look once more.

        A list may be a moment old, and a charge counts as refunded before its money is back.

        Raises:
            stripe.StripeError: Stripe could not be asked.
        """
        if not await self._is_news(claim):
            return "no news"
        finding = await self._hints.find(claim.about)
        if finding is None or not await self._is_news(finding):
            return "no news"
        return "told" if is_final(await self._hints.tell(finding)) else "failed"

    async def _claims(self, now: datetime) -> AsyncIterator[Finding]:
        """What the sessions, intents and refunds of this partition seem to say."""
        recent = younger_than(now - LOOK_BACK)
        late = younger_than(now - REFUNDS_LOOK_BACK)
        lists = (
            (of_session, await self._stripe.checkout.sessions.list_async(recent)),
            (of_charge, await self._stripe.payment_intents.list_async(recent | {"expand": ["data.latest_charge"]})),
            (
                of_refund,
                await self._stripe.refunds.list_async(late | {"expand": ["data.payment_intent.latest_charge"]}),
            ),
        )
        for read, listed in lists:
            async for each in listed.auto_paging_iter():
                claim = read(each)
                if claim and slot_of(claim.order_id) in self._slots:
                    yield claim

    async def _is_news(self, finding: Finding) -> bool:
        """Whether the payment would be another if it heard this."""
        stored = await self._payments.find_one({"_id": finding.order_id})
        payment = from_document(stored, Payment) if stored else RULES.empty(finding.order_id)
        return RULES.decide(payment, finding.answer, self._clock.now()).changes(payment)


def younger_than(moment: datetime) -> Any:  # noqa: ANN401  the SDK has a type of its own for each list
    """The parameters that list what was made since."""
    return {"limit": PAGE, "created": {"gte": int(moment.timestamp())}}
