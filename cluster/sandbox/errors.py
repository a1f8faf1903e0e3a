"""The one tree of errors, in Stripe's shape (https://docs.stripe.com/api/errors)."""

from typing import ClassVar

from cluster.sandbox.shapes import Answer, Json

DOC_URL = "https://stripe.com/docs/error-codes/"


class ApiError(Exception):
    """A request that is refused: HTTP status, Stripe's error type, and the fields of the error object."""

    status: ClassVar[int] = 400
    type: ClassVar[str] = "invalid_request_error"

    def __init__(
        self, message: str, *, code: str | None = None, param: str | None = None, details: Json | None = None
    ) -> None:
        """Name what is wrong; `details` are further fields such as `payment_intent`."""
        super().__init__(message)
        self.message, self.code, self.param, self.details = message, code, param, details or {}

    def answer(self) -> Answer:
        """Return the answer that tells the client."""
        fields: Json = {"message": self.message, "type": self.type, **self.details}
        if self.code is not None:
            fields |= {"code": self.code, "doc_url": doc_url(self.code)}
        if self.param is not None:
            fields["param"] = self.param
        return Answer({"error": fields}, self.status)


class RefusedError(ApiError):
    """The endpoint ran and said no: 400, remembered under the idempotency key."""


class ParameterError(ApiError):
    """A parameter is unknown, missing or malformed: 400, and never remembered, since nothing ran."""


class UnauthorizedError(ApiError):
    """No usable API key: 401."""

    status = 401


class CardError(ApiError):
    """The card number itself is no good: 402.

    A declined payment is not raised: it changes state, so it is an answer.
    """

    status = 402
    type = "card_error"


class MissingError(ApiError):
    """The object named in the path does not exist: 404."""

    status = 404


class KeyMismatchError(ApiError):
    """An idempotency key came back with another request: 400."""

    type = "idempotency_error"


class KeyInUseError(ApiError):
    """An idempotency key came back while its first request still runs: 409."""

    status = 409
    type = "idempotency_error"


class TooManyRequestsError(ApiError):
    """More requests are waiting than the sandbox holds: 429."""

    status = 429


class InternalError(ApiError):
    """The sandbox itself failed: 500, remembered under the idempotency key as Stripe does."""

    status = 500
    type = "api_error"


def doc_url(code: str) -> str:
    """Return the page of Stripe's documentation that explains an error code."""
    return DOC_URL + code.replace("_", "-")


def no_such(kind: str, object_id: str, param: str) -> RefusedError:
    """Return the error for a parameter that names an object which does not exist."""
    return RefusedError(f"No such {kind}: '{object_id}'", code="resource_missing", param=param)
