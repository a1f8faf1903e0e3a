"""Every endpoint of the sandbox. A new family of objects is a module here and a line in `ALL`."""

from cluster.sandbox.endpoint import Endpoint
from cluster.sandbox.endpoints import (
    charges,
    checkout_sessions,
    events,
    ledger,
    payment_intents,
    payment_methods,
    refunds,
    webhook_endpoints,
)

ALL: tuple[Endpoint, ...] = (
    *payment_intents.ENDPOINTS,
    *payment_methods.ENDPOINTS,
    *charges.ENDPOINTS,
    *refunds.ENDPOINTS,
    *checkout_sessions.ENDPOINTS,
    *events.ENDPOINTS,
    *webhook_endpoints.ENDPOINTS,
    *ledger.ENDPOINTS,
)
