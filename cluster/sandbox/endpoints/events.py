"""Events: retrieve and list (https://docs.stripe.com/api/events)."""

from cluster.sandbox import events
from cluster.sandbox.endpoint import Call, Endpoint
from cluster.sandbox.endpoints import listing
from cluster.sandbox.errors import MissingError, ParameterError
from cluster.sandbox.shapes import Answer, Json
from cluster.sandbox.specs import Array, Text


def retrieve(call: Call) -> Answer:
    """Return an event; MissingError when it is not there or older than 30 days."""
    event = call.subject("event")
    if event["created"] < call.now - events.KEPT_S:
        raise MissingError(f"No such event: '{event['id']}'", code="resource_missing", param="id")
    return Answer(_counted(call, event))


def list_(call: Call) -> Answer:
    """Return events, newest first; of one type, or several, when they are named."""
    if "type" in call.params and "types" in call.params:
        raise ParameterError(
            "You may only specify one of these parameters: type, types.", code="parameters_exclusive", param="type"
        )
    types = [call.params["type"]] if "type" in call.params else call.params.get("types", [])
    found = listing.page(call, "event", "/v1/events", types=tuple(types))
    return Answer({**found, "data": [_counted(call, event) for event in found["data"]]})


def _counted(call: Call, event: Json) -> Json:
    return {**event, "pending_webhooks": call.tx.deliveries.pending(event["id"])}


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/v1/events",
        run=list_,
        returns="event",
        listed=True,
        params={**listing.PARAMS, "type": Text(200), "types": Array(Text(200), 20)},
    ),
    Endpoint(method="GET", path="/v1/events/{id}", run=retrieve, returns="event"),
)
