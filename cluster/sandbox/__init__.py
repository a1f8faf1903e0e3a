"""A sandbox that stands in for Stripe's servers, on loopback and without money.

It speaks Stripe's wire format (https://docs.stripe.com/api) for PaymentIntents, PaymentMethods, Charges, Refunds,
Checkout Sessions with their hosted page, Events and webhooks, so that the official SDK needs nothing but another base
address. Start it with `python -m cluster.sandbox --port 12111 --data sandbox.sqlite3`; with `--webhook-url` and the
environment's STRIPE_WEBHOOK_SECRET it delivers every event there.

What is kept: every object for ever (as Stripe does, so an audit can be complete), events for 30 days, idempotency keys
for 24 hours, webhooks until they arrive, all in one SQLite file. What bounds it: 64 KiB a request, 100 objects a page,
512 requests at once (then 429), 100,000 events, 16 webhook endpoints, 16 deliveries at once.

Where it differs from Stripe:

- Any key that starts with `sk_test_` opens one and the same account; there are no customers and no live mode.
- A parameter that Stripe knows and the sandbox does not model is refused as unknown rather than ignored.
- Only cards; `customer`, `setup_future_usage`, `shipping`, `mandate` and the like are refused parameters.
- Refunds of `pm_card_refundFail` (`succeeded` at first) and `pm_card_pendingRefund` (`pending`) end by themselves after
  5 seconds, and at once when looked at: at Stripe looking changes nothing.
- Refunding a charge that is not captured is refused: cancel its intent instead.
- Canceling a held intent releases its charge without making a Refund object.
- `error_on_requires_action` leaves a failed charge behind, as `off_session` does; Stripe makes none.
- A confirmation that needs 3-D Secure without `return_url` points `use_stripe_sdk` at the sandbox's own page.
- `balance_transaction` and `receipt_url` stay null; few currencies are known.
- Checkout takes `price_data` and cards only; its sessions have no `line_items` to expand and cannot be changed. The
  page asks for no e-mail address, so `customer_details` has only the one that the shop gave.
- A Checkout Session that expires cancels its intent at once, with the reason `expired`.
- Every event is of one API version, whatever a webhook endpoint asks for. Endpoints can be made, looked at and deleted,
  not changed, and must be on this machine. A delivery is repeated after 1, 2, 4, ... seconds, sooner than by Stripe.
- `/v1/sandbox/ledger`, `/v1/sandbox/faults` (failures that tests ask for) and `/` are the sandbox's own.
"""
