"""Who says what to whom: every message of the contract has those who listen to it, and they have rules for it."""

import pytest

from actors.contract import EXPIRATION, PAYMENTS, SERVICES, TICKETS, Command, Event, Query, TicketUpdated
from actors.runtime.codec import message_from_document, to_document

from . import order_papers, order_rules, payment_rules, test_expiration, test_ticket, test_user
from .given import FOR_THE_PUBLIC, HEARD_BY, Gossip, spoken, tag_of

RULES = [
    line.message
    for module in (test_user, test_ticket, order_rules, test_expiration, payment_rules)
    for line in module.RULES
    if not isinstance(line.message, Gossip)
]


def test_every_message_is_for_somebody():
    assert set(spoken()) == set.union(FOR_THE_PUBLIC, *HEARD_BY.values())


def test_every_service_is_listed():
    assert set(HEARD_BY) == set(SERVICES)


@pytest.mark.parametrize("tag", sorted(spoken()))
def test_what_an_actor_publishes_reaches_those_who_have_rules_for_it(tag):
    samples = [message for message in RULES if tag_of(message) == tag]
    reached = {address.service for message in samples for address in message.addressees()}
    listeners = {service for service, tags in HEARD_BY.items() if tag in tags}
    assert reached in (set(), listeners)


@pytest.mark.parametrize(
    "tag",
    [
        "order:created",
        "order:cancelled",
        "order:completed",
        "expiration:complete",
        "payment:requested",
        "payment:stop",
        "payment:refund",
        "payment:created",
        "payment:failed",
        "payment:action-required",
        "payment:stopped",
        "payment:refunded",
        "payment:refund-failed",
        "ticket:updated",
        "ticket:claim",
        "ticket:claimed",
        "ticket:claim-refused",
    ],
)
def test_what_crosses_between_services_is_delivered(tag):
    samples = [message for message in RULES if tag_of(message) == tag]
    assert samples
    assert all(message.addressees() for message in samples)


def test_a_ticket_without_a_grant_is_news_for_no_order():
    granted = order_papers.GRANT
    assert TicketUpdated(ticket=granted.ticket).addressees() == ()


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (test_expiration.CREATED, {EXPIRATION}),
        (order_papers.OVER, {TICKETS, EXPIRATION, PAYMENTS}),
        (order_papers.OVER_UNTRIED, {TICKETS, EXPIRATION}),
        (order_papers.TIMED_OUT, {TICKETS, PAYMENTS}),
        (order_papers.TIMED_OUT_UNTRIED, {TICKETS}),
        (order_papers.DONE, {TICKETS, EXPIRATION}),
    ],
    ids=("created", "cancelled", "cancelled, never tried", "timed out", "timed out, never tried", "complete"),
)
def test_an_order_tells_those_who_need_it_and_nobody_else(event, told):
    addressees = event.addressees()
    assert {address.service for address in addressees} == told
    assert len(addressees) == len(told)


def test_an_end_that_was_stored_before_it_said_who_needs_it_is_told_to_all():
    stored = to_document(order_papers.OVER)
    del stored["attempted"], stored["rang"]
    assert message_from_document(stored) == order_papers.OVER


@pytest.mark.parametrize("kind", spoken().values(), ids=spoken())
def test_every_message_is_a_wish_a_question_or_a_fact(kind):
    assert issubclass(kind, Command | Query | Event)
