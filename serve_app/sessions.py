"""Sessions: a signed token in a cookie says who is asking. Nothing is stored, so every replica knows everyone."""

from datetime import timedelta
from typing import Any

import jwt
from bson import ObjectId
from msgspec import Struct
from starlette.requests import Request

from actors.runtime.clock import Clock
from serve_app.refusals import NOT_SIGNED_IN, ApiError

COOKIE = "session"
LIFETIME = timedelta(days=7)
ALGORITHM = "HS256"

_CHECKS = {"require": ["sub", "email", "iat", "exp"], "verify_exp": False, "verify_iat": False}
"""The expiry is compared with the injected clock instead of the library's own."""


class Session(Struct, frozen=True):
    """Who is signed in."""

    user_id: ObjectId
    email: str


class Sessions:
    """Writes and reads session cookies."""

    def __init__(self, key: str, clock: Clock, *, secure: bool) -> None:
        """Sign with `key`; `secure` cookies travel over TLS only."""
        self._key = key
        self._clock = clock
        self._attributes = "; HttpOnly; Path=/; SameSite=Lax" + ("; Secure" if secure else "")

    def opened(self, user_id: ObjectId, email: str) -> str:
        """The `Set-Cookie` that signs this user in."""
        now = self._clock.now()
        claims = {"sub": str(user_id), "email": email, "iat": now, "exp": now + LIFETIME}
        token = jwt.encode(claims, self._key, ALGORITHM)
        return f"{COOKIE}={token}; Max-Age={int(LIFETIME.total_seconds())}{self._attributes}"

    def closed(self) -> str:
        """The `Set-Cookie` that signs whoever it is out."""
        return f"{COOKIE}=; Max-Age=0{self._attributes}"

    def of(self, request: Request) -> Session | None:
        """Who sent `request`; None for nobody, which is also what anything wrong with the cookie means."""
        token = request.cookies.get(COOKIE)
        if not token:
            return None
        try:
            claims = jwt.decode(token, self._key, [ALGORITHM], options=_CHECKS)  # type: ignore[arg-type]
            return self._session(claims)
        except (jwt.InvalidTokenError, ValueError, TypeError):
            return None

    def required(self, request: Request) -> Session:
        """Who sent `request`.

        Raises:
            ApiError: nobody is signed in.
        """
        session = self.of(request)
        if session is None:
            raise ApiError(NOT_SIGNED_IN)
        return session

    def _session(self, claims: dict[str, Any]) -> Session | None:
        """The session of verified claims, if it has not expired and is about someone."""
        subject, email, expiry = claims["sub"], claims["email"], claims["exp"]
        if not ObjectId.is_valid(subject) or not isinstance(subject, str) or not isinstance(email, str):
            return None
        if float(expiry) <= self._clock.now().timestamp():
            return None
        return Session(ObjectId(subject), email)
