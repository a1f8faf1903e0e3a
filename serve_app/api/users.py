"""/api/users: signing up, in and out."""

from bson import ObjectId
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from actors.contract import AUTH, EMAIL_IN_USE, SignedUp, SignUp
from serve_app import views
from serve_app.answers import answer, private, respond
from serve_app.attempts import client_of
from serve_app.body import read_body
from serve_app.fields import EMAIL_MAX, both, email_in, normalised_email, password_in, text_in
from serve_app.office import Office
from serve_app.openapi.describe import describe
from serve_app.operation import fresh
from serve_app.refusals import (
    INVALID_EMAIL,
    INVALID_PASSWORD,
    OVERLOADED,
    TOO_MANY_ATTEMPTS,
    UNKNOWN_SIGN_UP,
    WRONG_CREDENTIALS,
    ApiError,
)


class Users:
    """The handlers of accounts and sessions."""

    def __init__(self, office: Office) -> None:
        """Work in `office`."""
        self._office = office

    def router(self) -> APIRouter:
        """Their routes."""
        router = APIRouter(prefix="/api/users", tags=["users"])
        bad_fields = (INVALID_EMAIL, INVALID_PASSWORD)
        router.add_api_route(
            "/signup",
            self.sign_up,
            **describe(
                "POST",
                "Sign up",
                (201, "User"),
                body="Credentials",
                refusals=(*bad_fields, EMAIL_IN_USE, TOO_MANY_ATTEMPTS, OVERLOADED, UNKNOWN_SIGN_UP),
                sets_cookie=True,
            ),
        )
        router.add_api_route(
            "/signin",
            self.sign_in,
            **describe(
                "POST",
                "Sign in",
                (200, "User"),
                body="Credentials",
                refusals=(*bad_fields, WRONG_CREDENTIALS, TOO_MANY_ATTEMPTS, OVERLOADED),
                reads=True,
                sets_cookie=True,
            ),
        )
        router.add_api_route(
            "/signout", self.sign_out, **describe("POST", "Sign out", (200, "Nothing"), sets_cookie=True)
        )
        router.add_api_route("/currentuser", self.current, **describe("GET", "Who is signed in", (200, "CurrentUser")))
        return router

    async def sign_up(self, request: Request) -> Response:
        """Open an account and sign in."""
        body = await read_body(request)
        email, password = both(lambda: email_in(body), lambda: password_in(body))
        reply = await self._office.errands.run(self._enrol(email, password, client_of(request)))
        return self._welcome(201, reply.user_id, reply.email)

    async def sign_in(self, request: Request) -> Response:
        """Sign in with an e-mail address and a password."""
        body = await read_body(request)
        text, password = both(
            lambda: text_in(body, "email", INVALID_EMAIL),
            lambda: text_in(body, "password", INVALID_PASSWORD),
        )
        user_id, email = await self._office.errands.run(self._recognise(text, password, client_of(request)))
        return self._welcome(200, user_id, email)

    async def sign_out(self, request: Request) -> Response:
        """Sign out, whoever it is."""
        return respond(answer(200, {}, Set_Cookie=self._office.sessions.closed()))

    async def current(self, request: Request) -> Response:
        """Tell who is signed in: null for nobody."""
        session = self._office.sessions.of(request)
        shown = views.user(session.user_id, session.email) if session else None
        return respond(private({"currentUser": shown}))

    async def _enrol(self, email: str, password: str, client: str | None) -> SignedUp:
        """Open the account. To its end, like `_recognise`: whoever hangs up has had his hash all the same.

        Raises:
            ApiError: it exists already, too many attempts of this client have failed, or the outcome is not known.
        """
        async with self._office.passwords.turn():
            await self._office.attempts.check(client)
            password_hash = await self._office.passwords.hash(password)
        operation = fresh()
        wish = SignUp(user_id=operation.new_id, password_hash=password_hash)
        try:
            reply = await self._office.desk.ask(AUTH, email, wish, operation.op)
        except ApiError as error:
            if EMAIL_IN_USE in error.refusals:
                await self._office.attempts.failed(client)
            raise ApiError(UNKNOWN_SIGN_UP) if error.is_doubtful else error from None
        assert isinstance(reply, SignedUp), f"{reply!r} does not answer a sign-up"
        return reply

    async def _recognise(self, text: str, password: str, client: str | None) -> tuple[ObjectId, str]:
        """Whose credentials these are. Takes the same time whether or not there is such an account.

        The attempts are looked at within the turn: of many at once, none begins after too many have failed.

        Raises:
            ApiError: nobody's, or too many attempts have failed.
        """
        email = _account_name(text)
        async with self._office.passwords.turn():
            await self._office.attempts.check(client, email)
            account = await self._office.reads.account(email)
            stored = account["passwordHash"] if account else None
            if await self._office.passwords.verify(password, stored) and account:
                return account["userId"], email
            await self._office.attempts.failed(client, email)
        raise ApiError(WRONG_CREDENTIALS)

    def _welcome(self, status: int, user_id: ObjectId, email: str) -> Response:
        cookie = self._office.sessions.opened(user_id, email)
        return respond(answer(status, views.user(user_id, email), Set_Cookie=cookie))


def _account_name(text: str) -> str:
    """The account that is meant; text that is no address names one that cannot exist."""
    try:
        return normalised_email(text)
    except ValueError:
        return text.strip().lower()[:EMAIL_MAX]
