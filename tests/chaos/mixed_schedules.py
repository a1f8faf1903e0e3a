"""A few fault schedules of every sort, to die among."""

from tests.integration.money_faults import (
    CANCEL,
    CONFIRM,
    EFFECTS,
    EXPIRE,
    LOOKS,
    OPEN,
    PAGE,
    REFUND,
    REFUNDS,
    RETRIEVE,
    WEBHOOK,
    WEBHOOKS,
    Where,
)
from tests.integration.money_schedules import Schedule, faults
from tests.integration.money_ways import (
    Way,
    challenged_then_cancelled,
    declined_then_paid,
    page_then_cancelled,
    paid,
    paid_on_the_page,
    paid_then_refunded,
)

WAYS: tuple[tuple[Way, str, Where, Where], ...] = (
    (paid, "complete", OPEN, CONFIRM),
    (paid, "complete", CONFIRM, RETRIEVE),
    (declined_then_paid, "complete", CONFIRM, CANCEL),
    (paid_on_the_page, "complete", PAGE, WEBHOOK),
    (page_then_cancelled, "cancelled", PAGE, EXPIRE),
    (challenged_then_cancelled, "cancelled", OPEN, CANCEL),
    (paid_then_refunded, "cancelled", CONFIRM, REFUND),
    (paid_then_refunded, "cancelled", REFUND, REFUNDS),
)


def mixed() -> list[Schedule]:
    """On every way each effect at the first step, with another one at the second; ways and effects take turns."""
    table = []
    for n, effect in enumerate(EFFECTS):
        for way, end, first, second in WAYS:
            others = WEBHOOKS if second is WEBHOOK else LOOKS
            table.append(Schedule(way, end, (*faults(first, [effect]), *faults(second, [others[n % len(others)]]))))
    return table
