"""Bugs of the money paths, each planted in a few lines. Those marked "was real" were in the code once."""

from collections.abc import Mapping
from itertools import count
from typing import Any

import pytest
from msgspec.structs import replace

from actors import order, order_refunds, payment, payment_refunds, ticket
from actors.contract import Decision, PaymentRefundFailed
from actors.gateway import findings, hints
from actors.gateway.checkout import Checkouts
from actors.gateway.client import id_of
from actors.gateway.refunds import Refunds, given_back
from actors.payment_answers import IntentCancelled, IntentDeclined, IntentSucceeded

from .mutations import Plant
from .postman import Letter, Postman


def pages_close_themselves(patch: pytest.MonkeyPatch) -> None:
    """A page that is to be closed counts as closed, and nobody asks Stripe."""

    async def close(self: Checkouts, attempt: Any) -> IntentCancelled:
        return IntentCancelled(attempt=attempt.number)

    patch.setattr(Checkouts, "close", close)


def dead_is_dead(patch: pytest.MonkeyPatch) -> None:
    """Money that comes for an attempt that had failed is overlooked."""
    original = payment.hear

    def hear(state: Any, attempt: Any, answer: Any, now: Any) -> Any:
        is_late = isinstance(answer, IntentSucceeded) and attempt.phase == "failed"
        return Decision(state) if is_late else original(state, attempt, answer, now)

    patch.setattr(payment, "hear", hear)


def money_takes_any_ticket(patch: pytest.MonkeyPatch) -> None:
    """Who paid too late gets the ticket, whoever holds it by now."""
    original = ticket.claim
    patch.setattr(ticket, "claim", lambda state, wish: original(replace(state, hold=None), wish))


def refund_without_looking(patch: pytest.MonkeyPatch) -> None:
    """Every try at a refund is a new refund, under a new key."""
    fresh = count()

    async def find(self: Refunds, attempt: Any) -> None:
        return None

    patch.setattr(Refunds, "_find", find)
    patch.setattr("actors.gateway.client.Keys.of", lambda *_: {"idempotency_key": f"fresh {next(fresh)}"})


def letters_are_believed(patch: pytest.MonkeyPatch) -> None:
    """What a webhook says is applied as it says it, however old it is."""

    async def read(self: Postman, letter: Letter) -> Any:
        reads = {"cs": findings.of_session, "re": findings.of_refund, "pi": findings.of_charge}
        found = reads[letter.stripe_id[:2]](letter.body)
        return await self.hints.tell(found) if found else None

    patch.setattr(Postman, "read", read)


def stop_leaves_the_page(patch: pytest.MonkeyPatch) -> None:
    """A stop ends the attempt at once, although the buyer knows the page."""
    original = payment.stop

    def stop(state: Any, wish: Any) -> Any:
        attempt = state.attempt
        if attempt and attempt.number == wish.attempt and attempt.phase == "acting":
            state = replace(state, attempt=replace(attempt, phase="opening"))
        return original(state, wish)

    patch.setattr(payment, "stop", stop)


def orphans_speak(patch: pytest.MonkeyPatch) -> None:
    """The end of a page that nobody knew ends the attempt. Was real."""
    original = payment.hear

    def hear(state: Any, attempt: Any, answer: Any, now: Any) -> Any:
        if isinstance(answer, IntentCancelled | IntentDeclined):
            answer = replace(answer, stripe_id=None)
        return original(state, attempt, answer, now)

    patch.setattr(payment, "hear", hear)


def a_part_is_all(patch: pytest.MonkeyPatch) -> None:
    """Any refund that did not fail is the refund, whatever its amount. Was real."""
    original = Refunds._find

    async def find(self: Refunds, attempt: Any) -> Any:
        found = await self._stripe.refunds.list_async({"payment_intent": id_of(attempt), "limit": 100})
        some = any(each.status == "succeeded" for each in found.data)
        return given_back(attempt) if some else await original(self, attempt)

    patch.setattr(Refunds, "_find", find)


def pending_is_back(patch: pytest.MonkeyPatch) -> None:
    """A charge that Stripe shows as refunded counts, although its refund is still under way. Was real."""

    async def is_all_back(_self: hints.Hints, _intent: Any) -> bool:
        return True

    patch.setattr(hints.Hints, "_is_all_back", is_all_back)


def late_refunds_are_tried_once(patch: pytest.MonkeyPatch) -> None:
    """Money without a sale is given up on when its refund fails. Was real."""
    original = order_refunds.hear_of_refund

    def hear_of_refund(state: Any, event: Any) -> Any:
        gives_up = isinstance(event, PaymentRefundFailed) and state.status == "cancelled"
        return Decision(state) if gives_up else original(state, event)

    patch.setattr(order, "hear_of_refund", hear_of_refund)


def what_is_back_stays_back(patch: pytest.MonkeyPatch) -> None:
    """A refund that fails after it had succeeded changes nothing any more. Was real."""
    original = payment_refunds.is_of_now

    def is_of_now(attempt: Any, answer: Any) -> bool:
        return attempt.phase != "refunded" and original(attempt, answer)

    patch.setattr(payment_refunds, "is_of_now", is_of_now)


def claims_outlive_the_money(patch: pytest.MonkeyPatch) -> None:
    """A ticket is claimed on with money that has gone back. Was real."""
    original = order_refunds.hear_of_refund

    def hear_of_refund(state: Any, event: Any) -> Any:
        decision = original(state, event)
        return replace_state(decision, claiming=True) if state.claiming else decision

    patch.setattr(order, "hear_of_refund", hear_of_refund)


def replace_state(decision: Any, **changes: Any) -> Any:
    """The decision, with another state."""
    return Decision(replace(decision.state, **changes), decision.reply, decision.events)


MONEY_MUTATIONS: Mapping[str, Plant] = {
    plant.__name__: plant
    for plant in (
        pages_close_themselves,
        dead_is_dead,
        money_takes_any_ticket,
        refund_without_looking,
        letters_are_believed,
        stop_leaves_the_page,
        orphans_speak,
        a_part_is_all,
        pending_is_back,
        late_refunds_are_tried_once,
        what_is_back_stays_back,
        claims_outlive_the_money,
    )
}
