"""What may be said to a PaymentIntent, as far as the sandbox models it.

The whole list: https://docs.stripe.com/api/payment_intents.
"""

from collections.abc import Mapping

from cluster.sandbox.endpoints import payment_methods
from cluster.sandbox.metadata import Metadata, MetadataChange
from cluster.sandbox.schema import Hash
from cluster.sandbox.specs import Array, Choice, Flag, Integer, Spec, Text, Url, Withdrawn

METHOD: Mapping[str, Spec] = {
    "payment_method": Text(),
    "payment_method_data": Hash(payment_methods.CREATE, ("type",)),
    # https://docs.stripe.com/changelog/endive/2026-09-30/removes-the-payment-method-types-parameter-from-payment-intents-and-setup-intents
    "payment_method_types": Withdrawn("payment_method_types_no_longer_supported"),
}
CONFIRM: Mapping[str, Spec] = {
    **METHOD,
    "return_url": Url(),
    "off_session": Flag(),
    "error_on_requires_action": Flag(),
}
WORDS: Mapping[str, Spec] = {
    "description": Text(),
    "receipt_email": Text(),
    "metadata": Metadata(),
    "statement_descriptor": Text(22),
    "statement_descriptor_suffix": Text(22),
    "transfer_group": Text(),
}
CREATE: Mapping[str, Spec] = {
    **CONFIRM,
    **WORDS,
    "amount": Integer(1),
    "currency": Text(3),
    "confirm": Flag(),
    "capture_method": Choice(("automatic", "automatic_async", "manual")),
    "automatic_payment_methods": Hash(
        {"enabled": Flag(), "allow_redirects": Choice(("always", "never"))}, ("enabled",)
    ),
    "allowed_payment_method_types": Array(Choice(("card",))),
}
UPDATE: Mapping[str, Spec] = {**METHOD, **WORDS, "metadata": MetadataChange()}
CANCEL_REASONS = ("duplicate", "fraudulent", "requested_by_customer", "abandoned")
CONFIRM_ONLY = ("return_url", "off_session", "error_on_requires_action")
