"""The shapes of bodies, as OpenAPI 3.0 schemas with an example each."""

from typing import Any

Schema = dict[str, Any]

ID = {"type": "string", "pattern": "^[0-9a-f]{24}$", "example": "68f0c1d2e3a4b5c6d7e8f901"}
PRICE = {"type": "number", "description": "Dollars, at most two decimals", "example": 20.5}
VERSION = {"type": "integer", "minimum": 0, "description": "Counts the changes of this document", "example": 0}
STRIPE_ID = {"type": "string", "example": "pi_3Nxyz"}
TEXT = {"type": "string"}
EMAIL = {"type": "string", "format": "email", "maxLength": 254, "example": "ada@example.com"}
MOMENT = {"type": "string", "format": "date-time", "example": "2030-01-31T18:15:00.000Z"}

ORDER_STATUS = {"type": "string", "enum": ["created", "awaiting:payment", "complete", "cancelled"]}
PAYMENT_STATUS = {
    "type": "string",
    "enum": ["processing", "requires_action", "failed", "paid", "refunding", "refunded"],
}


def thing(required: Schema, **optional: Schema) -> Schema:
    """An object with these properties."""
    return {"type": "object", "required": list(required), "properties": {**required, **optional}}


def ref(name: str) -> Schema:
    """The schema called `name`."""
    return {"$ref": f"#/components/schemas/{name}"}


def many(name: str) -> Schema:
    """A list of the schema called `name`."""
    return {"type": "array", "items": ref(name)}


_SOLD = {"id": ID, "title": {**TEXT, "example": "Front row"}, "price": PRICE, "userId": ID, "version": VERSION}
_PAID = {"id": ID, "orderId": ID, "stripeId": STRIPE_ID}

SCHEMAS: dict[str, Schema] = {
    "Credentials": thing(
        {"email": EMAIL, "password": {"type": "string", "minLength": 8, "maxLength": 128, "example": "correct horse"}}
    ),
    "User": thing({"id": ID, "email": EMAIL}),
    "CurrentUser": thing({"currentUser": {"nullable": True, "allOf": [ref("User")]}}),
    "Nothing": {"type": "object", "description": "An empty object"},
    "TicketBody": thing(
        {
            "title": {"type": "string", "minLength": 1, "maxLength": 200, "example": "Front row"},
            "price": {
                "oneOf": [
                    {"type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": 999999.99},
                    {"type": "string", "pattern": r"^[0-9]{1,9}(\.[0-9]{1,2})?$"},
                ],
                "description": "Dollars, at most two decimals",
                # No "multipleOf": 0.01 is no binary fraction, so that many prices would be no multiples of it.
                "example": 20.5,
            },
        }
    ),
    "Ticket": thing(_SOLD, orderId={**ID, "description": "The order that holds or has bought the ticket"}),
    "Tickets": many("Ticket"),
    "OrderBody": thing({"ticketId": ID}),
    "OrderedTicket": thing(_SOLD),
    "OrderPayment": thing(
        {"status": PAYMENT_STATUS, "amount": PRICE},
        stripeId=STRIPE_ID,
        reason={**TEXT, "description": "Why it failed or was refunded"},
    ),
    "Order": thing(
        {
            "id": ID,
            "status": ORDER_STATUS,
            "userId": ID,
            "expiresAt": MOMENT,
            "version": VERSION,
            "ticket": ref("OrderedTicket"),
        },
        payment=ref("OrderPayment"),
    ),
    "Orders": many("Order"),
    "PaymentBody": thing(
        {"orderId": ID},
        token={**TEXT, "description": "A Stripe token; this or paymentMethod", "example": "tok_visa"},
        paymentMethod={**TEXT, "description": "A Stripe payment method; this or token"},
    ),
    "StripeEvent": thing(
        {"data": thing({"object": {"type": "object", "description": "An intent, a session, a refund or a charge"}})},
        id={**TEXT, "example": "evt_1Nxyz"},
        type={**TEXT, "example": "payment_intent.succeeded"},
    ),
    "CheckoutBody": thing({"orderId": ID}),
    "CheckoutPage": thing({"url": {**TEXT, "format": "uri", "description": "Stripe's page for this order"}}),
    "Payment": thing(_PAID),
    "PaymentAction": thing(
        {
            **_PAID,
            "status": {"type": "string", "enum": ["requires_action"]},
            "nextAction": thing({"type": TEXT}, url=TEXT, clientSecret=TEXT),
        }
    ),
    "Error": thing(
        {"message": TEXT, "code": {**TEXT, "description": "Stable and machine-readable"}},
        field={**TEXT, "description": "The field, parameter or header at fault"},
        orderId={**ID, "description": "With ticket_reserved: your own order that holds the ticket"},
    ),
    "Errors": thing({"errors": {**many("Error"), "minItems": 1}}),
    "Health": thing({"status": {"type": "string", "enum": ["ok"]}}),
    "Ready": thing({"ready": {"type": "boolean", "enum": [True]}}),
    "NotReady": thing(
        {
            "ready": {"type": "boolean", "enum": [False]},
            "missing": {"type": "array", "items": TEXT, "example": ["tickets/0"]},
            "errors": many("Error"),
        }
    ),
}
