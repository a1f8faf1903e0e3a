"""Describing one operation: from what a handler says of itself to the arguments of FastAPI's `add_api_route`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from actors.contract import Refused
from serve_app.answers import errors_of
from serve_app.cross_site import SAFE_METHODS
from serve_app.openapi.parameters import KEY, LOCATION, PAGING, REPLAYED, RETRY_AFTER, STREAM, path_parameter
from serve_app.openapi.schemas import Schema, ref
from serve_app.refusals import (
    BODY_TOO_LARGE,
    CROSS_SITE,
    DATABASE_UNAVAILABLE,
    INTERNAL_ERROR,
    INVALID_BODY,
    INVALID_KEY,
    KEY_REUSED,
    LENGTH_REQUIRED,
    NOT_SIGNED_IN,
    OUTCOME_UNKNOWN,
    OVERLOADED,
    PAYMENT_FAILED,
    REQUEST_TIMEOUT,
    SEVERAL_KEYS,
    UNKNOWN_WITHOUT_KEY,
    ApiError,
)

REASONS = {
    200: "Done",
    201: "Created",
    202: "Accepted",
    204: "Done",
    303: "A browser goes on to a page",
    400: "Refused",
    401: "Not signed in, or not yours",
    402: "The card was declined. The code is Stripe's decline code, of which there may be new ones at any time: "
    "go by the status",
    403: "A cross-site request",
    404: "Not found",
    408: "Too slow",
    411: "A body of unknown length",
    413: "Too large",
    429: "Too many attempts",
    500: "A defect on our side",
    503: "Not possible right now",
}

DECLINES = (
    Refused(code="generic_decline", message="Your card was declined."),
    Refused(code="insufficient_funds", message="Your card has insufficient funds."),
    Refused(code="expired_card", message="Your card has expired."),
)
"""What Stripe says most when it declines a card."""


def describe(
    method: str,
    summary: str,
    success: tuple[int, str | None],
    *,
    body: str | None = None,
    hears: str | None = None,
    refusals: Sequence[Refused] = (),
    also: Mapping[int, str | None] | None = None,
    path: Sequence[str] = (),
    own: Sequence[Schema] = (),
    signed_in: bool = False,
    keyed: bool = False,
    reads: bool = False,
    paged: bool = False,
    streams: bool = False,
    sets_cookie: bool = False,
) -> dict[str, Any]:
    """The arguments for `add_api_route`.

    `success` and `also` name statuses and their schemas; `refusals` and parameters of its `own` are those of this
    operation alone. `hears` names a body, as `body` does, that is refused in the operation's own words. `keyed`
    operations take an `Idempotency-Key` and put a command to an actor; `reads` ask the database; what `streams`
    answers server-sent events.
    """
    signed_in = signed_in or keyed
    usual = usual_refusals(method, body=body is not None, signed_in=signed_in, keyed=keyed, reads=reads)
    responses = _responses({success[0]: success[1], **(also or {})}, [*refusals, *usual])
    if streams:
        responses[success[0]]["content"] = {"text/event-stream": {"schema": {"type": "string"}}}
    _add_headers(responses, keyed=keyed, paged=paged, sets_cookie=sets_cookie)
    parameters = [*_parameters(path, keyed=keyed, paged=paged, streams=streams), *own]
    return {
        "methods": [method],
        "summary": summary,
        "status_code": success[0],
        "responses": responses,
        "openapi_extra": _extra(parameters, body or hears, signed_in=signed_in),
        "response_class": Response,
        "response_model": None,
    }


def usual_refusals(method: str, *, body: bool, signed_in: bool, keyed: bool, reads: bool) -> list[Refused]:
    """What every operation of this kind may be refused for."""
    usual = [INTERNAL_ERROR]
    if signed_in:
        usual.append(NOT_SIGNED_IN)
    if method not in SAFE_METHODS:
        # The last two also where no body is wanted: one may come all the same.
        usual += [CROSS_SITE, BODY_TOO_LARGE, REQUEST_TIMEOUT]
    if method == "DELETE":
        usual.append(LENGTH_REQUIRED)
    if body:
        usual.append(INVALID_BODY)
    if keyed:
        usual += [INVALID_KEY, SEVERAL_KEYS, KEY_REUSED, OVERLOADED, OUTCOME_UNKNOWN, UNKNOWN_WITHOUT_KEY]
    if reads or keyed:
        usual.append(DATABASE_UNAVAILABLE)
    return usual


def by_status(refusals: Sequence[Refused]) -> dict[int, list[Refused]]:
    """The refusals under their statuses, lowest first."""
    found: dict[int, list[Refused]] = {}
    for refusal in refusals:
        found.setdefault(ApiError(refusal).status, []).append(refusal)
    return dict(sorted(found.items()))


def _responses(answers: Mapping[int, str | None], refusals: Sequence[Refused]) -> dict[int, Schema]:
    """What is answered under every status; where a status of `answers` is also that of a refusal, the answer stays."""
    responses = {status: _success(status, schema) for status, schema in answers.items()}
    for status, group in by_status(refusals).items():
        declines = DECLINES if PAYMENT_FAILED in group else ()
        responses.setdefault(status, _refused(status, [*group, *declines]))
    return responses


def _parameters(path: Sequence[str], *, keyed: bool, paged: bool, streams: bool) -> list[Schema]:
    """What comes in the path, the query and the headers."""
    parameters = [path_parameter(name) for name in path]
    if keyed:
        parameters.append(KEY)
    if paged:
        parameters += PAGING
    if streams:
        parameters += STREAM
    return parameters


def _extra(parameters: list[Schema], body: str | None, *, signed_in: bool) -> Schema:
    """What FastAPI cannot find out from a handler that takes nothing but the request."""
    extra: Schema = {}
    if parameters:
        extra["parameters"] = parameters
    if body is not None:
        extra["requestBody"] = {"required": True, "content": {"application/json": {"schema": ref(body)}}}
    if signed_in:
        extra["security"] = [{"session": []}]
    return extra


def _success(status: int, schema: str | None) -> Schema:
    described: Schema = {"description": REASONS[status]}
    if schema is not None:
        described["content"] = {"application/json": {"schema": ref(schema)}}
    return described


def _refused(status: int, refusals: Sequence[Refused]) -> Schema:
    content = {"application/json": {"schema": ref("Errors"), "examples": _examples(refusals)}}
    return {"description": REASONS[status], "content": content}


def _examples(refusals: Sequence[Refused]) -> Schema:
    """Every sentence under a name; of several with one name the later ones have a number."""
    seen: Counter[str] = Counter()
    examples: Schema = {}
    for refusal in refusals:
        name = f"{refusal.code}_{refusal.field}" if refusal.field else refusal.code
        seen[name] += 1
        examples[name if seen[name] == 1 else f"{name}_{seen[name]}"] = {"value": errors_of(refusal)}
    return examples


def _add_headers(responses: dict[int, Schema], *, keyed: bool, paged: bool, sets_cookie: bool) -> None:
    for status, response in responses.items():
        headers: Schema = {}
        if status == 303:
            headers["Location"] = LOCATION
        if status in (429, 503):
            headers["Retry-After"] = RETRY_AFTER
        if status < 400 and keyed:
            headers["Idempotent-Replayed"] = REPLAYED
        if status < 400 and paged:
            headers["Link"] = {"description": 'The next page: rel="next"', "schema": {"type": "string"}}
        if status < 400 and sets_cookie:
            headers["Set-Cookie"] = {"description": "The session", "schema": {"type": "string"}}
        if headers:
            response["headers"] = headers
