"""PaymentIntents over HTTP: each verb fetches what the state machine needs and keeps what it returns."""

from cluster.sandbox import intent_objects, intent_refusals as refusals, intents
from cluster.sandbox.endpoint import Call, Endpoint
from cluster.sandbox.endpoints import (
    checkout_flow,
    listing,
    method_use,
    payment_intent_params as params,
    payment_methods,
)
from cluster.sandbox.errors import ParameterError, RefusedError
from cluster.sandbox.ids import client_secret
from cluster.sandbox.metadata import merged
from cluster.sandbox.shapes import Answer, Json
from cluster.sandbox.specs import Choice, Integer, Text


def create(call: Call) -> Answer:
    """Make an intent, and confirm it at once when asked to."""
    confirming = call.params.get("confirm", False)
    if not confirming:
        _refuse_confirm_only(call)
    intent_id = call.make_id("pi")
    intent = intent_objects.new(intent_id, client_secret(intent_id), call.now, call.params)
    if confirming:
        call.put(intent)  # its creation is an event of its own, with nothing paid yet
    intent = _with_method(call, intent)
    if not confirming:
        return keep(call, intents.Step(intent))
    if intent["payment_method"] is None:
        # Said without the intent, since that is never made.
        raise RefusedError(refusals.NO_METHOD, code="payment_intent_unexpected_state")
    return _confirmed(call, intent)


def retrieve(call: Call) -> Answer:
    """Return an intent."""
    return Answer(call.subject("payment_intent"))


def update(call: Call) -> Answer:
    """Change an intent's words, metadata or payment method."""
    intent = _with_method(call, call.subject("payment_intent"))
    words = {name: value for name, value in call.params.items() if name in params.WORDS}
    words["metadata"] = merged(intent["metadata"], words.get("metadata", {}))
    return keep(call, intents.Step({**intent, **words}))


def confirm(call: Call) -> Answer:
    """Try to pay."""
    checkout_flow.refuse_while_open(call, call.path["id"])
    return _confirmed(call, _with_method(call, call.subject("payment_intent")))


def capture(call: Call) -> Answer:
    """Take the held money."""
    intent = call.subject("payment_intent")
    amount = call.params.get("amount_to_capture")
    return keep(call, intents.capture(intent, _latest_charge(call, intent), amount))


def cancel(call: Call) -> Answer:
    """End an unpaid intent."""
    intent = call.subject("payment_intent")
    checkout_flow.refuse_while_open(call, intent["id"])
    reason = call.params.get("cancellation_reason")
    return keep(call, intents.cancel(intent, _latest_charge(call, intent), reason, call.now))


def list_(call: Call) -> Answer:
    """Return intents, newest first."""
    return Answer(listing.page(call, "payment_intent", "/v1/payment_intents"))


def authenticate(call: Call, *, passed: bool) -> Answer:
    """Go on after the 3-D Secure page; that page calls it, there is no address for it in the API."""
    intent = call.subject("payment_intent")
    method, charge_id = _method(call, intent), call.make_id("ch")
    return keep(call, intents.authenticate(intent, method, charge_id, call.now, passed=passed))


def attempted(call: Call, intent: Json, method: Json | None, attempt: intents.Attempt) -> Answer:
    """Try to pay with the attached method, which is used up by that, and keep what came of it."""
    step = intents.confirm(intent, method, attempt)
    assert method is not None, "an intent that was confirmed has a payment method"
    method_use.use(call, intent, method)
    return keep(call, step)


def keep(call: Call, step: intents.Step) -> Answer:
    """Keep what an action made of an intent, and of the Checkout Session that it belongs to."""
    if step.charge is not None:
        call.put(step.charge)
    call.put(step.intent)
    checkout_flow.follow(call, step.intent)
    if step.failure is not None:
        return Answer({"error": {**step.failure, "payment_intent": step.intent}}, 402)
    return Answer(step.intent)


def _refuse_confirm_only(call: Call) -> None:
    for name in params.CONFIRM_ONLY:
        if name in call.params:
            raise ParameterError(
                f"The parameter `{name}` cannot be passed when creating a PaymentIntent unless `confirm` is "
                "set to true.",
                param=name,
            )


def _with_method(call: Call, intent: Json) -> Json:
    method = payment_methods.chosen(call)
    if method is None:
        return intent
    method_use.check(call, intent, method)
    return intents.attach(intent, method["id"])


def _confirmed(call: Call, intent: Json) -> Answer:
    page = f"{call.base_url}/sandbox/authenticate/{intent['id']}/{call.make_id('payatt')}"
    alone = call.params.get("off_session") or call.params.get("error_on_requires_action")
    attempt = intents.Attempt(
        now=call.now,
        charge_id=call.make_id("ch"),
        return_url=call.params.get("return_url"),
        page_url=page,
        may_ask=not alone,
    )
    return attempted(call, intent, _method(call, intent), attempt)


def _method(call: Call, intent: Json) -> Json | None:
    return call.owned("payment_method", intent["payment_method"]) if intent["payment_method"] else None


def _latest_charge(call: Call, intent: Json) -> Json | None:
    return call.owned("charge", intent["latest_charge"]) if intent["latest_charge"] else None


_ONE = "/v1/payment_intents/{id}"
_KIND = "payment_intent"

ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/v1/payment_intents",
        run=create,
        returns=_KIND,
        params=params.CREATE,
        required=("amount", "currency"),
    ),
    Endpoint(method="GET", path="/v1/payment_intents", run=list_, returns=_KIND, listed=True, params=listing.PARAMS),
    Endpoint(method="GET", path=_ONE, run=retrieve, returns=_KIND, params={"client_secret": Text()}),
    Endpoint(method="POST", path=_ONE, run=update, returns=_KIND, params=params.UPDATE),
    Endpoint(method="POST", path=f"{_ONE}/confirm", run=confirm, returns=_KIND, params=params.CONFIRM),
    Endpoint(
        method="POST",
        path=f"{_ONE}/capture",
        run=capture,
        returns=_KIND,
        params={"amount_to_capture": Integer(1)},
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/cancel",
        run=cancel,
        returns=_KIND,
        params={"cancellation_reason": Choice(params.CANCEL_REASONS)},
    ),
)
