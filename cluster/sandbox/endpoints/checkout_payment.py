"""What the hosted Checkout page does with a session, in the buyer's name."""

from cluster.sandbox import checkout_objects, checkouts, intent_objects, intents, methods, next_actions
from cluster.sandbox.cards import Card
from cluster.sandbox.endpoint import Call
from cluster.sandbox.endpoints import payment_intents
from cluster.sandbox.endpoints.checkout_sessions import PAGE_PATH
from cluster.sandbox.ids import client_secret
from cluster.sandbox.shapes import Json


def order_of(call: Call, session: Json) -> Json:
    """Return the lines of a session, and how often its buyer has tried to pay."""
    return call.owned("sandbox.checkout_order", checkout_objects.order_id(session["id"]))


def pay(call: Call, session: Json, card: Card, attempt: int) -> None:
    """Try to pay an open session with a card; `attempt` counts the tries before, so that a double click is one."""
    order = order_of(call, session)
    if session["status"] != "open" or order["attempts"] != attempt:
        return
    call.put({**order, "attempts": attempt + 1})
    intent = _intent(call, session, order)
    method = methods.new(call.make_id("pm"), card, call.now, {})
    call.put(method)
    ready = intents.attach(intent, method["id"])
    payment_intents.attempted(call, ready, method, _attempt(call, session, intent))


def next_url(call: Call, session: Json) -> str | None:
    """Return where an open session's buyer must prove who they are, if that is what is next."""
    intent = intent_of(call, session)
    return next_actions.page_url(intent["next_action"]) if intent is not None else None


def intent_of(call: Call, session: Json) -> Json | None:
    """Return the intent of a session; None before its buyer first tried to pay."""
    intent_id = session["payment_intent"]
    return call.owned("payment_intent", intent_id) if intent_id else None


def _intent(call: Call, session: Json, order: Json) -> Json:
    if (intent := intent_of(call, session)) is not None:
        return intent
    asked = {
        "amount": session["amount_total"],
        "currency": session["currency"],
        "allowed_payment_method_types": ["card"],
    }
    intent_id = call.make_id("pi")
    intent = intent_objects.new(intent_id, client_secret(intent_id), call.now, asked | order["intent"])
    call.put(intent)
    call.put(checkouts.with_intent(session, intent_id))
    return intent


def _attempt(call: Call, session: Json, intent: Json) -> intents.Attempt:
    return intents.Attempt(
        now=call.now,
        charge_id=call.make_id("ch"),
        page_url=f"{call.base_url}/sandbox/authenticate/{intent['id']}/{call.make_id('payatt')}",
        return_url=f"{call.base_url}{PAGE_PATH}/{session['id']}/return",
    )
