"""The hosted Checkout page over HTTP: shows a session, takes the buyer's choice, sends them on."""

from collections.abc import Callable
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from cluster.sandbox import checkout_choice, checkout_pages as pages
from cluster.sandbox.endpoint import Call
from cluster.sandbox.endpoints import checkout_flow, checkout_payment
from cluster.sandbox.endpoints.checkout_sessions import PAGE_PATH
from cluster.sandbox.errors import ApiError
from cluster.sandbox.layout import HEADERS
from cluster.sandbox.service import Service, base_url
from cluster.sandbox.shapes import Json
from cluster.sandbox.transaction import Transaction

Step: TypeAlias = Callable[[Call, Json], Response]


def routes(service: Service) -> list[Route]:
    """Return the pages of one service."""
    checkout = Checkout(service)
    path = f"{PAGE_PATH}/{{id}}"
    return [
        Route(path, checkout.show, methods=["GET"]),
        Route(path, checkout.choose, methods=["POST"]),
        # Where a buyer comes back to from 3-D Secure.
        Route(f"{path}/return", checkout.come_back, methods=["GET"]),
    ]


class Checkout:
    """The page on which a buyer pays a session."""

    def __init__(self, service: Service) -> None:
        """Serve the sessions of one service."""
        self._service = service

    async def show(self, request: Request) -> Response:
        """Show the form, or that the session is over."""
        return await self._work(request, _present)

    async def come_back(self, request: Request) -> Response:
        """Go on to the shop when it is paid by now, else back to the form."""
        return await self._work(request, _onward)

    async def choose(self, request: Request) -> Response:
        """Try to pay as the buyer chose, then send them on."""
        choice = await checkout_choice.read(request)
        return await self._work(request, lambda call, session: _tried(call, session, choice))

    async def _work(self, request: Request, do: Step) -> Response:
        answer = await self._service.in_transaction(lambda tx: self._answer(tx, request, do))
        answer.headers.update(HEADERS)
        return answer

    def _answer(self, tx: Transaction, request: Request, do: Step) -> Response:
        call = self._service.call(tx, base_url(request), id=request.path_params["id"])
        checkout_flow.expire_overdue(call)
        session = tx.get("checkout.session", call.path["id"])
        return HTMLResponse(pages.unknown(), 404) if session is None else do(call, session)


def _present(call: Call, session: Json, error: str | None = None, status: int = 200) -> Response:
    """Show a session as it is now."""
    if session["status"] != "open":
        return HTMLResponse(pages.over(session), 200 if session["status"] == "complete" else 410)
    order = checkout_payment.order_of(call, session)
    why = error or _last_error(call, session)
    shown = pages.Shown(session=session, lines=order["lines"], attempts=order["attempts"], error=why)
    return HTMLResponse(pages.form(shown), status)


def _tried(call: Call, session: Json, choice: checkout_choice.Choice) -> Response:
    """Try to pay; a wrong number changes nothing and is said at once."""
    try:
        card = checkout_choice.card(choice, call.now)
    except ApiError as refusal:
        return _present(call, session, refusal.message, 400)
    if card is None or (choice.attempt < 0 and session["status"] == "open"):
        return _present(call, session, "Choose a card and a button.", 400)
    checkout_payment.pay(call, session, card, choice.attempt)
    return _onward(call, call.subject("checkout.session"))


def _onward(call: Call, session: Json) -> Response:
    """Send the buyer where they have to go next."""
    if session["status"] == "complete":
        return RedirectResponse(pages.success_url(session), 303)
    url = checkout_payment.next_url(call, session) if session["status"] == "open" else None
    return RedirectResponse(url or f"{PAGE_PATH}/{session['id']}", 303)


def _last_error(call: Call, session: Json) -> str | None:
    intent = checkout_payment.intent_of(call, session)
    error = intent["last_payment_error"] if intent else None
    return error["message"] if error else None
