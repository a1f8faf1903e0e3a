"""`kill -9` of everything: the next start continues where the last one stopped."""

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime

import psutil
import pytest
from bson import ObjectId

from tests.chaos.victims import family
from tests.conftest import running
from tests.integration.crowd import list_tickets, rush
from tests.integration.office import Office
from tests.waiting import wait_for

WINDOW_S = 40


@pytest.fixture
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office whose orders are open for a little longer than a restart takes."""
    yield from running(Office(tmp_path_factory.mktemp("all") / "data", {"BOXOFFICE_ORDER_WINDOW_S": str(WINDOW_S)}))


def kill_everything(office: Office) -> None:
    """All of it in one moment, `boxoffice up` first so that it cannot help."""
    assert office.process is not None
    victims = [psutil.Process(office.process.pid), *family(office)]
    for victim in victims:
        os.kill(victim.pid, signal.SIGKILL)
    office.process.wait(10)
    psutil.wait_procs(victims, timeout=10)


def test_a_restart_continues(office: Office) -> None:
    # Given twenty orders, two of them paid, and one event that was never delivered,
    ticket_ids = list_tickets(office, 20)
    winners = [each for each in rush(office, ticket_ids, 40) if each.status == 201]
    assert len(winners) == 20
    for winner in winners[:2]:
        with office.person(winner.user_id) as buyer:
            card = {"orderId": winner.body["id"], "token": "tok_visa"}
            assert buyer.client.post("/api/payments", json=card).status_code == 201
    paid = {ObjectId(str(winner.body["id"])) for winner in winners[:2]}
    wait_for(
        "quiet outboxes",
        lambda: not any(office.mongo[each].count_documents({"outbox.0": {"$exists": True}}) for each in SPEAKERS),
    )
    set_for = {order_id: due for order_id, due in timers(office).items() if order_id not in paid}
    assert len(set_for) == 18

    # when everything dies, and an order's news is as a crash before the delivery leaves it,
    kill_everything(office)
    undelivered = as_if_never_delivered(office)
    office.start()

    # then every timer is still set for the same moment, but for those that have rung and the one that is not told yet,
    still, now = timers(office), datetime.now(UTC)
    assert still.items() <= set_for.items()
    assert {order_id for order_id, due in set_for.items() if due > now} - {undelivered} <= still.keys()
    # the unpaid orders expire; so does the one whose timer hears of it only now, for the event arrives,
    unpaid = {"_id": {"$nin": list(paid)}, "status": "cancelled"}
    left_s = max((max(set_for.values()) - datetime.now(UTC)).total_seconds(), 0) + 15
    wait_for("18 cancelled orders", lambda: office.mongo.orders.count_documents(unpaid) == 18, left_s)
    # and what was paid stays sold.
    for order_id in paid:
        assert (office.mongo.orders.find_one({"_id": order_id}) or {})["status"] == "complete"
    assert office.mongo.tickets.count_documents({"sold": True}) == 2
    wait_for("18 tickets on sale", lambda: office.mongo.tickets.count_documents({"hold": {"$exists": False}}) == 18)


def timers(office: Office) -> dict[ObjectId, datetime]:
    """For each order with a timer: when it rings."""
    return {each["_id"]: each["due"] for each in office.mongo.expiration.find({"due": {"$exists": True}})}


SPEAKERS = ("tickets", "orders", "expiration", "payments")


def as_if_never_delivered(office: Office) -> ObjectId:
    """Put one `order:created` back into its outbox and undo what it did, as a crash between commit and delivery would.

    Needs MongoDB alone: it is started by hand on the office's files, and ended again. Returns the order's id.
    """
    from cluster.local import mongod
    from cluster.local.folder import DataFolder

    folder = DataFolder(office.folder)
    port = office.record["first_port"]
    child = mongod.start(folder, port, mongod.binary(), dict(os.environ))
    try:
        wait_for("MongoDB on the office's files", lambda: mongod.try_primary(port))
        return _forget_a_delivery(office)
    finally:
        child.stop(grace_s=mongod.STOP_S)


def _forget_a_delivery(office: Office) -> ObjectId:
    order = office.mongo.orders.find_one({"status": "created"})
    assert order is not None
    order_id: ObjectId = order["_id"]
    created = {
        "type": "order:created",
        "orderId": order_id,
        "holdNumber": order["holdNumber"],
        "ticketId": order["ticket"]["id"],
        "expiresAt": order["expiresAt"],
    }
    entry = {"id": f"orders/{order_id}/{order['version']}.0", "at": order["createdAt"], "message": created}
    office.mongo.orders.update_one({"_id": order_id}, {"$set": {"outbox": [entry]}})
    office.mongo.expiration.delete_one({"_id": order_id})
    return order_id
