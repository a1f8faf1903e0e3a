"""Every refusal of the API: its words for the ticket buyer, and the HTTP status of its code. Nowhere else.

The actors' refusals bring their own words (`actors.contract`); here they only get a status.
"""

from math import ceil

from msgspec.structs import replace

from actors.contract import Refused

INVALID_BODY = Refused(code="invalid_body", message="The request body must be a JSON object")
INVALID_EMAIL = Refused(code="invalid_email", message="Please give a valid e-mail address", field="email")
INVALID_PASSWORD = Refused(code="invalid_password", message="A password has 8 to 128 characters", field="password")
INVALID_TITLE = Refused(code="invalid_title", message="A title has 1 to 200 characters", field="title")
HIDDEN_TITLE = Refused(
    code="invalid_title",
    message="A title has something to see in it, and nothing that turns the direction of text",
    field="title",
)
INVALID_PRICE = Refused(
    code="invalid_price",
    message="A price is more than 0, at most 999,999.99 dollars, and written as a number such as 12.50, "
    "with no more than two decimals",
    field="price",
)
INVALID_TICKET_ID = Refused(code="invalid_id", message="A ticket's id has 24 hexadecimal digits", field="ticketId")
INVALID_ORDER_ID = Refused(code="invalid_id", message="An order's id has 24 hexadecimal digits", field="orderId")
INVALID_TOKEN = Refused(
    code="invalid_payment_method",
    message="Pay with either a Stripe token (tok_visa) or a payment method (pm_card_visa)",
    field="token",
)
INVALID_METHOD = replace(INVALID_TOKEN, field="paymentMethod")
INVALID_LIMIT = Refused(code="invalid_query", message="A page has 1 to 100 tickets", field="limit")
INVALID_AFTER = Refused(
    code="invalid_query", message="A page begins after the id of a ticket that exists", field="after"
)
INVALID_AVAILABLE = Refused(code="invalid_query", message="Available is either true or false", field="available")
INVALID_SEARCH = Refused(
    code="invalid_query", message="A search has at most 200 characters and no control characters", field="q"
)
INVALID_TICKETS = Refused(
    code="invalid_query",
    message="A stream names at most 200 tickets, by their ids with commas between them",
    field="tickets",
)
INVALID_KEY = Refused(
    code="invalid_idempotency_key",
    message="An Idempotency-Key has 1 to 255 printable ASCII characters",
    field="Idempotency-Key",
)
SEVERAL_KEYS = replace(INVALID_KEY, message="A request has no more than one Idempotency-Key")
KEY_REUSED = Refused(code="idempotency_key_reused", message="This Idempotency-Key was already used for another request")
WRONG_CREDENTIALS = Refused(code="wrong_credentials", message="The e-mail address or the password is wrong")
NOT_SIGNED_IN = Refused(code="not_signed_in", message="Please sign in first")
CROSS_SITE = Refused(code="cross_site", message="Another web site may not act for you here")
NOT_FOUND = Refused(code="not_found", message="There is nothing at this address")
METHOD_NOT_ALLOWED = Refused(code="method_not_allowed", message="This address does not understand that method")
REQUEST_TIMEOUT = Refused(code="request_timeout", message="The request body took too long to arrive")
BODY_TOO_LARGE = Refused(code="body_too_large", message="The request body is larger than 64 KiB")
LENGTH_REQUIRED = Refused(
    code="length_required", message="This request needs no body; one that comes anyway must say how long it is"
)
TOO_MANY_ATTEMPTS = Refused(
    code="too_many_attempts", message="Too many attempts to sign in or up failed; please wait a moment"
)
PAYMENT_FAILED = Refused(code="payment_failed", message="The payment did not go through, and no money was taken")
BAD_SIGNATURE = Refused(code="bad_signature", message="This is not signed as Stripe signs its webhooks")
OVERLOADED = Refused(code="overloaded", message="The box office is very busy; please try again in a moment")
SLOW_SEARCH = Refused(code="overloaded", message="This search takes too long; please look for something narrower")
STREAMS_FULL = Refused(code="overloaded", message="Too many people are watching; please try again in a moment")
OUTCOME_UNKNOWN = Refused(
    code="outcome_unknown",
    message="It is not known yet whether this went through; repeat it with the same Idempotency-Key to find out",
)
UNKNOWN_WITHOUT_KEY = replace(
    OUTCOME_UNKNOWN,
    message="It is not known yet whether this went through; look before you ask again, "
    "for only an Idempotency-Key makes a repetition safe",
)
UNKNOWN_SIGN_UP = replace(
    OUTCOME_UNKNOWN, message="It is not known yet whether the account was opened; signing in will tell"
)
DATABASE_UNAVAILABLE = Refused(
    code="database_unavailable", message="The box office cannot look into its books; please try again in a moment"
)
NOT_READY = Refused(code="not_ready", message="The box office is not open yet")
INTERNAL_ERROR = Refused(code="internal_error", message="Something went wrong on our side")

STATUS = {
    "invalid_body": 400,
    "invalid_email": 400,
    "invalid_password": 400,
    "invalid_title": 400,
    "invalid_price": 400,
    "invalid_id": 400,
    "invalid_payment_method": 400,
    "invalid_query": 400,
    "invalid_idempotency_key": 400,
    "idempotency_key_reused": 400,
    "wrong_credentials": 400,
    "email_in_use": 400,
    "ticket_reserved": 400,
    "ticket_exists": 400,
    "order_complete": 400,
    "order_cancelled": 400,
    "order_paid": 400,
    "order_not_paid": 400,
    "payment_in_progress": 400,
    "too_many_payments": 400,
    "bad_signature": 400,
    "not_signed_in": 401,
    "not_the_seller": 401,
    "not_the_buyer": 401,
    "payment_failed": 402,
    "cross_site": 403,
    "not_found": 404,
    "ticket_not_found": 404,
    "order_not_found": 404,
    "method_not_allowed": 405,
    "request_timeout": 408,
    "length_required": 411,
    "body_too_large": 413,
    "too_many_attempts": 429,
    "internal_error": 500,
    "overloaded": 503,
    "outcome_unknown": 503,
    "database_unavailable": 503,
    "not_ready": 503,
}
"""The HTTP status of every code; one that is missing here is a defect of ours, hence 500."""

RETRY_AFTER_S = 1.0
"""Seconds after which a client may repeat what was answered 503, where nobody knows better."""


class ApiError(Exception):
    """A request is refused: what to say, under which status, and when to try again."""

    def __init__(self, *refusals: Refused, status: int | None = None, retry_after_s: float | None = None) -> None:
        """Refuse for one reason or several; the first decides the status unless `status` is given."""
        assert refusals, "a refusal has a reason"
        super().__init__(", ".join(refusal.code for refusal in refusals))
        self.refusals = refusals
        self.status = status or STATUS.get(refusals[0].code, 500)
        if retry_after_s is None and self.status == 503:
            retry_after_s = RETRY_AFTER_S
        self.retry_after_s = None if retry_after_s is None else max(1, ceil(retry_after_s))

    @property
    def code(self) -> str:
        """The code of the first reason."""
        return self.refusals[0].code

    @property
    def is_doubtful(self) -> bool:
        """Whether what was asked for may have happened nevertheless."""
        return self.code == OUTCOME_UNKNOWN.code
