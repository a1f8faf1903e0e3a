"""The rule of statuses: no document is in one that this version of Box Office does not know. Pure."""

from collections.abc import Iterator
from typing import get_args, get_type_hints

from actors.contract import OrderStatus, PaymentStatus
from actors.payment_state import Payment as StoredPayment, Phase
from cluster.audit.facts import Account, File
from cluster.audit.violation import Violation, account as account_name, order as order_name

ORDER_STATUSES: frozenset[str] = frozenset(get_args(OrderStatus))
PAYMENT_STATUSES: frozenset[str] = frozenset(get_args(PaymentStatus))
ACCOUNT_STATUSES: frozenset[str] = frozenset(get_args(get_type_hints(StoredPayment)["status"]))
PHASES: frozenset[str] = frozenset(get_args(Phase))


def statuses(file: File) -> Iterator[Violation]:
    """The other rules ask for one status or another, and would pass over an order in none of them."""
    for order in file.orders:
        if order.status not in ORDER_STATUSES:
            yield _unknown(f"Its status is {order.status!r}", order_name(order.id))
        if order.payment is not None and order.payment not in PAYMENT_STATUSES:
            yield _unknown(f"The status of its payment is {order.payment!r}", order_name(order.id))


def statuses_of(account: Account) -> Iterator[Violation]:
    """The same for what the payments service keeps of an order."""
    if account.status not in ACCOUNT_STATUSES:
        yield _unknown(f"Its status is {account.status!r}", account_name(account.order_id))
    for phase in sorted(set(account.phases) - PHASES):
        yield _unknown(f"The phase of an attempt is {phase!r}", account_name(account.order_id))


def _unknown(sentence: str, document: str) -> Violation:
    return Violation("unknown_status", f"{sentence}, which this version does not know.", (document,))
