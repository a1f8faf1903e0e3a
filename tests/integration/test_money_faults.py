"""Every fault at every step at Stripe, over HTTP, alone and in pairs: in the end the books agree."""

import pytest

from tests.integration.money_faults import (
    CANCEL,
    CONFIRM,
    EFFECTS,
    EXPIRE,
    FAILED,
    LOOKS,
    OPEN,
    PAGE,
    REFUND,
    REFUNDS,
    RETRIEVE,
    SEE_PAGE,
    UNDONE,
    UNHEARD,
    UNLIKE,
    WEBHOOK,
    WEBHOOKS,
    Fault,
)
from tests.integration.money_schedules import FaultTally, faults, pairs, play, singles
from tests.integration.money_ways import (
    challenge_left_open,
    challenged_then_cancelled,
    declined_then_paid,
    page_left_open,
    page_then_cancelled,
    paid,
    paid_as_the_window_closes,
    paid_on_the_page,
    paid_then_refunded,
)
from tests.integration.office import Office

shared = pytest.mark.parametrize("office", ["shared"], indirect=True, scope="session")
hasty = pytest.mark.parametrize("office", ["hasty"], indirect=True, scope="session")

SILENCE = Fault(effect="webhook_never", where=WEBHOOK, times=100)
"""What is found out then, no webhook has told."""

FOR_LONG = 50
"""More tries than an order's window of five seconds has room for."""


@shared
def test_paying(office: Office, fault_tally: FaultTally) -> None:
    alone = [*singles(paid, "complete", OPEN, EFFECTS), *singles(paid, "complete", CONFIRM, EFFECTS)]
    together = [
        *pairs(paid, "complete", faults(OPEN, UNLIKE), faults(CONFIRM, UNLIKE)),
        *pairs(paid, "complete", faults(CONFIRM, UNLIKE), faults(RETRIEVE, LOOKS)),
        *pairs(paid, "complete", faults(CONFIRM, FAILED), faults(RETRIEVE, LOOKS), SILENCE),
    ]
    play(office, alone + together, fault_tally)


@shared
def test_declined_and_then_paid(office: Office, fault_tally: FaultTally) -> None:
    alone = singles(declined_then_paid, "complete", CANCEL, EFFECTS)
    together = [
        *pairs(declined_then_paid, "complete", faults(OPEN, UNHEARD), faults(CANCEL, UNLIKE)),
        *pairs(declined_then_paid, "complete", faults(CANCEL, EFFECTS), faults(RETRIEVE, LOOKS, nth=2), SILENCE),
    ]
    play(office, alone + together, fault_tally)


@shared
def test_cancelling(office: Office, fault_tally: FaultTally) -> None:
    alone = [
        *singles(page_then_cancelled, "cancelled", PAGE, EFFECTS),
        *singles(page_then_cancelled, "cancelled", EXPIRE, EFFECTS),
    ]
    together = [
        *pairs(page_then_cancelled, "cancelled", faults(PAGE, UNLIKE), faults(EXPIRE, UNLIKE)),
        *pairs(page_then_cancelled, "cancelled", faults(EXPIRE, UNLIKE), faults(SEE_PAGE, LOOKS)),
        *pairs(challenged_then_cancelled, "cancelled", faults(CONFIRM, FAILED), faults(CANCEL, UNLIKE)),
        *pairs(challenged_then_cancelled, "cancelled", faults(CANCEL, UNLIKE), faults(RETRIEVE, LOOKS), SILENCE),
    ]
    play(office, alone + together, fault_tally)


@shared
def test_webhooks(office: Office, fault_tally: FaultTally) -> None:
    alone = singles(paid_on_the_page, "complete", WEBHOOK, WEBHOOKS)
    together = [
        *pairs(paid_on_the_page, "complete", faults(WEBHOOK, WEBHOOKS), faults(PAGE, UNHEARD)),
        *pairs(paid_on_the_page, "complete", faults(WEBHOOK, WEBHOOKS), faults(SEE_PAGE, LOOKS)),
        *pairs(paid, "complete", faults(WEBHOOK, WEBHOOKS), faults(CONFIRM, FAILED)),
    ]
    play(office, alone + together, fault_tally)


@shared
def test_refunding(office: Office, fault_tally: FaultTally) -> None:
    alone = singles(paid_then_refunded, "cancelled", REFUND, EFFECTS)
    together = [
        *pairs(paid_then_refunded, "cancelled", faults(CONFIRM, FAILED), faults(REFUND, UNLIKE)),
        *pairs(paid_then_refunded, "cancelled", faults(REFUND, EFFECTS), faults(REFUNDS, LOOKS, nth=2), SILENCE),
        *pairs(paid_then_refunded, "cancelled", faults(WEBHOOK, WEBHOOKS), faults(REFUND, UNHEARD)),
    ]
    play(office, alone + together, fault_tally)


@hasty
def test_expiring(office: Office, fault_tally: FaultTally) -> None:
    unheard, undone = faults(CONFIRM, UNHEARD, FOR_LONG), faults(CONFIRM, UNDONE, FOR_LONG)
    together = [
        *pairs(page_left_open, "cancelled", faults(EXPIRE, UNLIKE), faults(SEE_PAGE, LOOKS)),
        *pairs(challenge_left_open, "cancelled", faults(CANCEL, UNLIKE), faults(RETRIEVE, LOOKS)),
        *pairs(paid_as_the_window_closes, "cancelled", undone, faults(CANCEL, UNLIKE)),
        *pairs(paid_as_the_window_closes, "complete", unheard, faults(RETRIEVE, LOOKS), SILENCE),
    ]
    play(office, together, fault_tally, at_once=16)
