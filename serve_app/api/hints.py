"""What comes from Stripe: signed webhooks, and buyers who return from its page. Both are hints, never facts."""

import asyncio
import json
import logging

import stripe
from bson import ObjectId
from fastapi import APIRouter
from pymongo.errors import PyMongoError
from starlette.requests import Request
from starlette.responses import Response

from actors.contract import NOT_THE_BUYER, ORDER_NOT_FOUND, ORDERS, OrderSettled
from actors.gateway.hints import Hints
from actors.runtime.codec import Document
from actors.runtime.envelope import is_final
from serve_app import views
from serve_app.answers import answer, private, respond
from serve_app.api.looks import Looks
from serve_app.body import in_time
from serve_app.fields import id_from, is_stripe_id
from serve_app.known import own_order
from serve_app.office import Office
from serve_app.openapi.describe import describe
from serve_app.openapi.parameters import RETURN, SIGNATURE
from serve_app.operation import fresh
from serve_app.refusals import BAD_SIGNATURE, INVALID_ORDER_ID, OUTCOME_UNKNOWN, UNKNOWN_WITHOUT_KEY, ApiError

LOOK_S, HEARD_S = 8.0, 3.0
"""Seconds that a returning buyer waits in all, and for the order to hear of the money that was found."""

log = logging.getLogger("boxoffice.api")


class HintHandlers:
    """The handlers of hints."""

    def __init__(self, office: Office, hints: Hints, secret: str | None) -> None:
        """Believe webhooks that are signed with `secret`, none without one."""
        self._office = office
        self._hints = hints
        self._secret = secret
        self._looks = Looks()

    def router(self) -> APIRouter:
        """Their routes."""
        router = APIRouter(prefix="/api/payments", tags=["payments"])
        router.add_api_route(
            "/webhook",
            self.webhook,
            **describe(
                "POST",
                "Hear from Stripe",
                (200, "Nothing"),
                hears="StripeEvent",
                own=(SIGNATURE,),
                refusals=(BAD_SIGNATURE, UNKNOWN_WITHOUT_KEY),
                reads=True,
            ),
        )
        router.add_api_route(
            "/checkout/return",
            self.back,
            **describe(
                "GET",
                "Come back from Stripe's page",
                (200, "Order"),
                also={303: None},
                own=RETURN,
                refusals=(INVALID_ORDER_ID, NOT_THE_BUYER, ORDER_NOT_FOUND, UNKNOWN_WITHOUT_KEY),
                signed_in=True,
                reads=True,
            ),
        )
        return router

    async def webhook(self, request: Request) -> Response:
        """Look up what Stripe says has changed, and apply its present state; 200 once that is committed."""
        stripe_id = await self._verified(request)
        if stripe_id is not None:
            await self._follow(stripe_id)
        return respond(answer(200, {}))

    async def back(self, request: Request) -> Response:
        """Show the order that was paid, or not, on Stripe's page; a browser goes on to the order's own page."""
        if "text/html" in request.headers.get("accept", ""):
            return await self._back_to_page(request)
        session = self._office.sessions.required(request)
        order_id = id_from(request.query_params.get("orderId"), INVALID_ORDER_ID)
        before = await own_order(self._office.reads, order_id, session.user_id)
        await self._look(before, page_in(request))
        return respond(private(views.order(await self._office.reads.order(order_id) or before)))

    async def _back_to_page(self, request: Request) -> Response:
        """Look once what became of the payment; what the page does not show yet, it shows as soon as it is known."""
        order_id = id_from(request.query_params.get("orderId", ""), ORDER_NOT_FOUND)
        session = self._office.sessions.of(request)
        try:
            order = await self._office.reads.order(order_id) if session else None
            if session and order and order["userId"] == session.user_id:
                await self._look(order, page_in(request))
        except (ApiError, PyMongoError) as error:
            log.info("a buyer is back before order %s could be looked up: %s", order_id, error)
        return Response(status_code=303, headers={"Location": f"/orders/{order_id}"})

    async def _look(self, order: Document, page: str) -> None:
        """Apply what became of the order's page. About others, or one that is known to be paid, Stripe is not asked.

        Raises:
            ApiError: that is not known in time.
        """
        if not page or (order.get("payment") or {}).get("stripeId") != page:
            return

        async def look() -> None:
            if await self._follow(page):
                await self._heard(order["_id"])

        try:
            async with asyncio.timeout(LOOK_S):
                await self._looks.at(page, look)
        except TimeoutError:
            raise ApiError(OUTCOME_UNKNOWN) from None

    async def _verified(self, request: Request) -> str | None:
        """The id of the intent, session or refund that a webhook is about; None where it is about none.

        Raises:
            ApiError: it is not Stripe's, no secret is configured to know it by, or its body is too slow.
        """
        async with in_time():
            body = await request.body()
        signature = request.headers.get("stripe-signature", "")
        if not self._secret:
            log.warning("a webhook came, but STRIPE_WEBHOOK_SECRET is not set")
            raise ApiError(BAD_SIGNATURE)
        try:
            stripe.WebhookSignature.verify_header(
                body.decode(), signature, self._secret, stripe.Webhook.DEFAULT_TOLERANCE
            )
            about = json.loads(body)["data"]["object"]
        except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError, RecursionError):
            raise ApiError(BAD_SIGNATURE) from None
        return subject_of(about)

    async def _heard(self, order_id: ObjectId) -> None:
        """Wait a moment until the order has heard from its payment; it does in any case."""
        try:
            await self._office.desk.ask(ORDERS, order_id, OrderSettled(), fresh().op, HEARD_S)
        except ApiError as error:
            log.debug("order %s has not heard yet: %s", order_id, error)

    async def _follow(self, stripe_id: str) -> bool:
        """Apply the object's present state; whether there was anything to apply.

        Raises:
            ApiError: Stripe or the payment did not answer: whoever gave the hint is to give it again.
        """
        try:
            reply = await self._hints.follow(stripe_id)
        except stripe.InvalidRequestError:
            log.warning("there is no %s at Stripe", stripe_id)
            return False
        except stripe.StripeError as error:
            log.warning("cannot look up %s: %s", stripe_id, error)
            raise ApiError(OUTCOME_UNKNOWN) from None
        if reply is not None and not is_final(reply):
            raise ApiError(OUTCOME_UNKNOWN)
        return reply is not None


def page_in(request: Request) -> str:
    """The page of Stripe's that a buyer comes back from; empty where the address names none."""
    page = request.query_params.get("session", "")
    return page if page.startswith("cs_") and is_stripe_id(page) else ""


def subject_of(about: object) -> str | None:
    """The intent, session or refund that an event's object is, or the intent that a charge belongs to."""
    if not isinstance(about, dict):
        return None
    for name in ("id", "payment_intent"):
        value = about.get(name)
        if isinstance(value, str) and value.startswith(("pi_", "cs_", "re_")) and is_stripe_id(value):
            return value
    return None
