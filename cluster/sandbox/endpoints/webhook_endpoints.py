"""Webhook endpoints: create, retrieve, list, delete (https://docs.stripe.com/api/webhook_endpoints)."""

from cluster.sandbox import webhooks
from cluster.sandbox.endpoint import Call, Endpoint
from cluster.sandbox.endpoints import listing
from cluster.sandbox.errors import RefusedError
from cluster.sandbox.filters import Filter
from cluster.sandbox.metadata import Metadata
from cluster.sandbox.shapes import Answer, Json
from cluster.sandbox.specs import Array, Text

_KIND = "webhook_endpoint"
_PATH = "/v1/webhook_endpoints"
COUNT_MAX = 16
"""Stripe's own limit for an account in test mode."""

COMMAND_LINE_ID = "we_command_line"
"""The endpoint that `--webhook-url` names."""


def create(call: Call) -> Answer:
    """Make an endpoint; this answer alone tells its secret. RefusedError for an address elsewhere."""
    if len(call.tx.page(Filter(kind=_KIND), COUNT_MAX)) >= COUNT_MAX:
        raise RefusedError(f"You have reached the maximum of {COUNT_MAX} test webhook endpoints.")
    endpoint = webhooks.new(call.make_id("we"), call.make_id("whsec"), call.now, call.params)
    call.put(endpoint)
    return Answer(endpoint)


def retrieve(call: Call) -> Answer:
    """Return an endpoint, without its secret."""
    return Answer(webhooks.shown(call.subject(_KIND)))


def list_(call: Call) -> Answer:
    """Return endpoints, newest first, without their secrets."""
    found = listing.page(call, _KIND, _PATH)
    return Answer({**found, "data": [webhooks.shown(one) for one in found["data"]]})


def delete(call: Call) -> Answer:
    """Drop an endpoint and what was on its way there."""
    _drop(call, call.subject(_KIND)["id"])
    return Answer({"id": call.path["id"], "object": _KIND, "deleted": True})


def set_command_line(call: Call, url: str | None, secret: str) -> None:
    """Have exactly the endpoint that the command line asks for, or none; RefusedError for an address elsewhere."""
    if url is None:
        return _drop(call, COMMAND_LINE_ID)
    given: Json = {"url": url, "enabled_events": ["*"], "description": "From the command line"}
    return call.put(webhooks.new(COMMAND_LINE_ID, secret, call.now, given))


def _drop(call: Call, endpoint_id: str) -> None:
    call.tx.delete(_KIND, endpoint_id)
    call.tx.deliveries.forget_endpoint(endpoint_id)


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=_PATH,
        run=create,
        returns=_KIND,
        params={
            "url": Text(),
            "enabled_events": Array(Text(200), 100),
            "description": Text(),
            "metadata": Metadata(),
            "api_version": Text(100),
        },
        required=("url", "enabled_events"),
    ),
    Endpoint(method="GET", path=_PATH, run=list_, returns=_KIND, listed=True, params=listing.PARAMS),
    Endpoint(method="GET", path=f"{_PATH}/{{id}}", run=retrieve, returns=_KIND),
    Endpoint(method="DELETE", path=f"{_PATH}/{{id}}", run=delete, returns=_KIND),
)
