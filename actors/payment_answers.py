"""What Stripe answers, as payments hear it.

Only the gateway says it, and only to payments: within one service, so it is no part of the contract.
"""

from actors.contract import Event, NextAction


class StripeAnswer(Event, frozen=True, kw_only=True):
    """What Stripe says of one attempt, be it in answer to its next step or to a look at what has become of it."""

    attempt: int


class IntentOpened(StripeAnswer, frozen=True, kw_only=True, tag="stripe:opened"):
    """An unconfirmed intent exists: from now on its id is known."""

    stripe_id: str


class CheckoutOpened(StripeAnswer, frozen=True, kw_only=True, tag="stripe:checkout-opened"):
    """Stripe's page waits for the buyer at `url`."""

    stripe_id: str
    url: str


class IntentSucceeded(StripeAnswer, frozen=True, kw_only=True, tag="stripe:succeeded"):
    """Stripe holds the money, on the intent `stripe_id`."""

    stripe_id: str
    amount: int


class IntentDeclined(StripeAnswer, frozen=True, kw_only=True, tag="stripe:declined"):
    """The card was declined; the intent may still be alive."""

    code: str
    reason: str
    stripe_id: str | None = None
    """Of which object this was heard, where it was not asked about: another object's news changes nothing."""


class IntentNeedsAction(StripeAnswer, frozen=True, kw_only=True, tag="stripe:needs-action"):
    """The bank wants to see the buyer."""

    next_action: NextAction


class IntentCancelled(StripeAnswer, frozen=True, kw_only=True, tag="stripe:cancelled"):
    """The intent, or the page, is dead: it can never take money."""

    stripe_id: str | None = None
    """Of which object this was heard, where it was not asked about: another object's news changes nothing."""


class RefundSucceeded(StripeAnswer, frozen=True, kw_only=True, tag="stripe:refunded"):
    """The money is given back."""

    refund: int
    """Which refund of the attempt this is about, from 1; 0 where all is back, whoever gave it."""


class RefundFailed(StripeAnswer, frozen=True, kw_only=True, tag="stripe:refund-failed"):
    """Stripe will not give the money back."""

    refund: int
    """Which refund of the attempt this is about, from 1; 0 for one made by hand."""

    reason: str
