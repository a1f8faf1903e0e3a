"""Answers: a status and JSON bytes, made once, sent or recorded as they are."""

from functools import lru_cache
from typing import Any

import msgspec
from starlette.responses import Response

from actors.contract import Refused
from serve_app.refusals import ApiError

Json = dict[str, Any]

_encode = msgspec.json.Encoder().encode


class Answer(msgspec.Struct, frozen=True):
    """What a request is answered with."""

    status: int
    content: bytes = b""
    """The body as JSON; empty for none."""

    headers: dict[str, str] = {}


def answer(status: int, body: Json | list[Json] | None = None, **headers: str) -> Answer:
    """An answer with `body` as JSON; underscores in the names of `headers` stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, b"" if body is None else _encode(body), named)


def private(body: Json | list[Json]) -> Answer:
    """What one person alone is shown: nobody on the way may keep it for the next who asks."""
    return answer(200, body, Cache_Control="no-store")


def public(body: Json | list[Json], **headers: str) -> Answer:
    """What everybody is shown, and changes at any moment: who keeps it asks whether it still holds."""
    return answer(200, body, Cache_Control="no-cache", **headers)


def respond(answer: Answer) -> Response:
    """The response that carries `answer`."""
    media_type = "application/json" if answer.content else None
    return Response(answer.content, answer.status, answer.headers, media_type)


def errors_of(*refusals: Refused) -> Json:
    """The body of every refusal: `{"errors": [{"message", "field"?, "code", "orderId"?}]}`."""
    return {"errors": [_entry(refusal) for refusal in refusals]}


def refuse_with(error: ApiError) -> Answer:
    """The answer to a request that is refused; a moment later it may be another one, so nobody keeps it."""
    headers = {"Cache_Control": "no-store"}
    if error.retry_after_s is not None:
        headers["Retry_After"] = str(error.retry_after_s)
    return answer(error.status, errors_of(*error.refusals), **headers)


def refusal_of(error: ApiError) -> Response:
    """The response that refuses a request: one and the same object for all that are alike, so nobody may change it."""
    return _refusal(error.refusals, error.status, error.retry_after_s)


@lru_cache(1_000)
def _refusal(refusals: tuple[Refused, ...], status: int, retry_after_s: float | None) -> Response:
    return respond(refuse_with(ApiError(*refusals, status=status, retry_after_s=retry_after_s)))


def _entry(refusal: Refused) -> Json:
    entry: Json = {"message": refusal.message, "code": refusal.code}
    if refusal.field is not None:
        entry["field"] = refusal.field
    if refusal.order_id is not None:
        entry["orderId"] = str(refusal.order_id)
    return entry
