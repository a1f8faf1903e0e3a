"""The face of Stripe's SDK: the requests that the gateway makes, in the SDK's own words and types."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import stripe

from .answers import refusal
from .ledger import Intent, Ledger, Refund as RefundRecord
from .pages import Session

if TYPE_CHECKING:
    from .line import SimulatedStripe

Document = dict[str, Any]
TYPES: dict[str, Any] = {
    "payment_intent": stripe.PaymentIntent,
    "refund": stripe.Refund,
    "checkout.session": stripe.checkout.Session,
}


class Namespace:
    """`client.v1.checkout`."""

    def __init__(self, sessions: "CheckoutSessions") -> None:
        self.sessions = sessions


class PaymentIntents:
    """`client.v1.payment_intents`."""

    def __init__(self, line: "SimulatedStripe") -> None:
        self._line = line
        self._ledger = line.ledger

    async def create_async(self, params: Document, options: Document) -> Any:
        effect = lambda: of_intent(self._ledger, self._ledger.create(params["amount"], params["metadata"]))  # noqa: E731
        return await self._line.request("create", effect, options["idempotency_key"])

    async def confirm_async(self, intent_id: str, params: Document, options: Document) -> Any:
        token = params["payment_method_data"]["card"]["token"]
        return await self._line.request("confirm", lambda: self._confirm(intent_id, token), options["idempotency_key"])

    def _confirm(self, intent_id: str, token: str) -> Document:
        intent = self._ledger.confirm(intent_id, token)
        self._line.bank.ask(intent, token)
        return of_intent(self._ledger, intent)

    async def retrieve_async(self, intent_id: str, params: Document | None = None) -> Any:
        effect = lambda: of_intent(self._ledger, self._ledger.intents[intent_id], params)  # noqa: E731
        return await self._line.request("retrieve", effect)

    async def cancel_async(self, intent_id: str, *, options: Document | None = None) -> Any:
        return await self._line.request(
            "cancel", lambda: self._cancel(intent_id), (options or {}).get("idempotency_key")
        )

    def _cancel(self, intent_id: str) -> Document:
        if self._line.pages.guards(intent_id):
            raise refusal("payment_intent_of_an_open_session")
        intent = self._ledger.cancel(intent_id)
        self._line.bank.ended(intent)
        return of_intent(self._ledger, intent)

    async def list_async(self, params: Document) -> Any:
        expanded = {"expand": [each.removeprefix("data.") for each in params.get("expand", ())]}
        effect = lambda: [  # noqa: E731
            of_intent(self._ledger, each, expanded)
            for each in reversed(self._ledger.intents.values())
            if each.created >= params["created"]["gte"]
        ]
        return await self._line.request("list intents", effect)


class CheckoutSessions:
    """`client.v1.checkout.sessions`."""

    def __init__(self, line: "SimulatedStripe") -> None:
        self._line = line
        self._pages = line.pages

    async def create_async(self, params: Document, options: Document) -> Any:
        effect = lambda: of_session(self._line.bank.opened(self._pages.open(params)))  # noqa: E731
        return await self._line.request("open page", effect, options["idempotency_key"])

    async def retrieve_async(self, session_id: str, params: Document | None = None) -> Any:
        return await self._line.request("look at page", lambda: of_session(self._pages.sessions[session_id]))

    async def expire_async(self, session_id: str) -> Any:
        return await self._line.request("expire page", lambda: self._expire(session_id))

    def _expire(self, session_id: str) -> Document:
        session = self._pages.expire(session_id)
        self._line.bank.ended(self._pages.intent_of(session))
        return of_session(session)

    async def list_async(self, params: Document) -> Any:
        effect = lambda: [  # noqa: E731
            of_session(each)
            for each in reversed(self._pages.sessions.values())
            if each.created >= params["created"]["gte"]
        ]
        return await self._line.request("list pages", effect)


class Refunds:
    """`client.v1.refunds`."""

    def __init__(self, line: "SimulatedStripe") -> None:
        self._line = line

    async def list_async(self, params: Document) -> Any:
        if "payment_intent" not in params:
            return await self._line.request("list refunds", lambda: self._since(params["created"]["gte"]))
        effect = lambda: [asdict(each) for each in self._line.ledger.refunds_of(params["payment_intent"])]  # noqa: E731
        return await self._line.request("look for refunds", effect)

    def _since(self, moment: int) -> list[Document]:
        refunds = reversed(self._line.ledger.refunds.values())
        return [of_refund(self._line.ledger, each) for each in refunds if each.created >= moment]

    async def retrieve_async(self, refund_id: str, params: Document) -> Any:
        effect = lambda: of_refund(self._line.ledger, self._line.ledger.refunds[refund_id])  # noqa: E731
        return await self._line.request("retrieve refund", effect)

    async def create_async(self, params: Document, options: Document) -> Any:
        effect = lambda: asdict(self._line.bank.refund(params["payment_intent"], params.get("metadata", {})))  # noqa: E731
        return await self._line.request("refund", effect, options["idempotency_key"])


class Listing:
    """What a list request answers; all of it is one page."""

    def __init__(self, data: list[Any]) -> None:
        self.data = data

    async def auto_paging_iter(self) -> AsyncIterator[Any]:
        for each in self.data:
            yield each


def of_intent(ledger: Ledger, intent: Intent, params: Document | None = None) -> Document:
    """An intent as Stripe shows it; its charge is an id unless it is to be expanded."""
    charge: Any = None
    if intent.amount_received:
        charge = f"ch_{intent.id}"
        if any(each.startswith("latest_charge") for each in (params or {}).get("expand", ())):
            charge = of_charge(ledger, intent)
    return asdict(intent) | {"latest_charge": charge}


def of_refund(ledger: Ledger, refund: RefundRecord) -> Document:
    """A refund as Stripe shows it, with its intent and charge in it."""
    expanded = {"expand": ["latest_charge"]}
    return asdict(refund) | {"payment_intent": of_intent(ledger, ledger.intents[refund.payment_intent], expanded)}


def of_charge(ledger: Ledger, intent: Intent) -> Document:
    """The charge of an intent that succeeded. `refunded` counts pending refunds, too."""
    back = ledger.given_back(intent)
    return {
        "id": f"ch_{intent.id}",
        "object": "charge",
        "amount": intent.amount_received,
        "amount_refunded": back,
        "refunded": back >= intent.amount_received,
        "refunds": {"object": "list", "data": [asdict(each) for each in ledger.refunds_of(intent.id)]},
    }


def of_session(session: Session) -> Document:
    """A page as Stripe shows it; only an open one has an address."""
    return asdict(session) | {"url": session.url if session.status == "open" else None}


def as_the_sdk_has_it(result: Document | list[Document]) -> Any:
    """A copy, in the SDK's own types."""
    if isinstance(result, list):
        return Listing([as_the_sdk_has_it(each) for each in result])
    return TYPES[result["object"]].construct_from(result, None)
