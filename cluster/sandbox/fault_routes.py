"""`/v1/sandbox/faults`: arm faults, see what happened, reset. Not Stripe's, and in JSON: it is here for tests.

POST   one rule, or a list of rules: {"effect": "lost_response", "method": "POST", "path": "/v1/refunds"}
GET    the rules with their counts, and how often each effect happened
DELETE forgets rules and counts
"""

import json
from dataclasses import asdict
from typing import get_args

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cluster.sandbox import auth, fault_rules
from cluster.sandbox.errors import ApiError, ParameterError
from cluster.sandbox.faults import RULES_MAX, Armed, DeliveryEffect, Faults, RequestEffect
from cluster.sandbox.ids import new_id
from cluster.sandbox.shapes import Json

PATH = "/v1/sandbox/faults"
BODY_BYTES_MAX = 256 * 1024


def routes(faults: Faults) -> list[Route]:
    """Return the three verbs over one set of faults."""

    async def handle(request: Request) -> Response:
        try:
            auth.check(request.headers.get("authorization"))
            return JSONResponse(await _changed(faults, request))
        except ApiError as refusal:
            answer = refusal.answer()
            return JSONResponse(answer.body, answer.status)

    return [Route(PATH, handle, methods=["GET", "POST", "DELETE"])]


async def _changed(faults: Faults, request: Request) -> Json:
    if request.method == "DELETE":
        faults.reset()
    elif request.method == "POST":
        rules = fault_rules.parse_all(await _body(request))
        if len(faults.armed) + len(rules) > RULES_MAX:
            raise ParameterError(f"There can be at most {RULES_MAX} rules: reset them first.")
        for rule in rules:
            faults.arm(new_id("fault"), rule)
    return _shown(faults)


async def _body(request: Request) -> object:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise ParameterError(f"Request body is larger than {BODY_BYTES_MAX} bytes.")
    try:
        return json.loads(body)
    except ValueError as error:
        raise ParameterError("The body must be JSON: a rule, or a list of rules.") from error


def _shown(faults: Faults) -> Json:
    every = (*get_args(RequestEffect), *get_args(DeliveryEffect))
    return {
        "object": "sandbox.faults",
        "note": "Not part of Stripe's API: faults for tests of its clients.",
        "livemode": False,
        "rules": [_rule(one) for one in faults.armed],
        "happened": {effect: faults.happened[effect] for effect in every},
    }


def _rule(one: Armed) -> Json:
    return {"id": one.id, **asdict(one.rule), "matched": one.matched, "happened": one.happened}
