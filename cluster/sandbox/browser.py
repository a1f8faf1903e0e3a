"""What people open in a browser: the list of payments, and the 3-D Secure challenge."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from cluster.sandbox import next_actions, pages
from cluster.sandbox.endpoints import checkout_flow, payment_intents
from cluster.sandbox.errors import ApiError
from cluster.sandbox.filters import Filter
from cluster.sandbox.service import Service
from cluster.sandbox.shapes import Json
from cluster.sandbox.transaction import Transaction

PAYMENTS_SHOWN = 50
_OUTCOMES = {b"outcome=complete": True, b"outcome=fail": False}


def routes(service: Service) -> list[Route]:
    """Return the pages of one service."""
    challenge = Challenge(service)
    path = "/sandbox/authenticate/{id}/{attempt}"

    async def home(request: Request) -> Response:
        return HTMLResponse(pages.payments(await service.in_transaction(_newest)))

    return [
        Route("/", home),
        Route(path, challenge.show, methods=["GET"]),
        Route(path, challenge.decide, methods=["POST"]),
    ]


class Challenge:
    """The page on which a buyer would prove who they are."""

    def __init__(self, service: Service) -> None:
        """Serve the challenges of one service."""
        self._service = service

    async def show(self, request: Request) -> Response:
        """Show both buttons, or that there is nothing left to decide."""
        intent = await self._service.in_transaction(lambda tx: _find(tx, request))
        if intent is None:
            return _over()
        return HTMLResponse(pages.challenge(intent))

    async def decide(self, request: Request) -> Response:
        """Take the buyer's choice and send them back to the shop."""
        passed = _OUTCOMES.get(await request.body())
        if passed is None:
            return HTMLResponse(pages.finished("Choose to complete or to fail."), 400)
        try:
            decided = await self._service.in_transaction(lambda tx: self._decided(tx, request, passed=passed))
        except ApiError:
            return _over()
        return _way_back(*decided) if decided else _over()

    def _decided(self, tx: Transaction, request: Request, *, passed: bool) -> tuple[str | None, Json] | None:
        """Where to send the buyer, and the intent as it is now; None where there is nothing left to decide."""
        before = _find(tx, request)
        if before is None:
            return None
        call = self._service.call(tx, id=before["id"])
        checkout_flow.expire_overdue(call)
        payment_intents.authenticate(call, passed=passed)
        return next_actions.return_url(before["next_action"]), call.subject("payment_intent")


def _newest(tx: Transaction) -> list[Json]:
    return tx.page(Filter(kind="payment_intent"), PAYMENTS_SHOWN)


def _find(tx: Transaction, request: Request) -> Json | None:
    intent = tx.get("payment_intent", request.path_params["id"])
    return intent if intent and pages.is_open(intent, request.url.path) else None


def _over() -> Response:
    return HTMLResponse(pages.finished("There is nothing to authenticate here any more."), 410)


def _way_back(return_url: str | None, intent: Json) -> Response:
    if return_url is None:
        return HTMLResponse(pages.finished(f"Done: the payment is {intent['status']}. You may close this page."))
    parts = urlsplit(return_url)
    query = [
        *parse_qsl(parts.query, keep_blank_values=True),
        ("payment_intent", intent["id"]),
        ("payment_intent_client_secret", intent["client_secret"]),
        ("redirect_status", "failed" if intent["last_payment_error"] else "succeeded"),
    ]
    return RedirectResponse(urlunsplit(parts._replace(query=urlencode(query))), 303)
