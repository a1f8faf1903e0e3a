"""The audit of a live office: clean after a rush, and every violation planted in MongoDB is found and named."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId

from cluster.local import sandbox
from tests.integration.audits import audit
from tests.integration.crowd import list_tickets, rush
from tests.integration.office import ROOT, Office

pytestmark = pytest.mark.parametrize("office", ["shared"], indirect=True, scope="session")

Document = dict[str, Any]


@contextmanager
def changed(office: Office, service: str, key: ObjectId, change: Document) -> Iterator[None]:
    """The document with these fields while the block runs."""
    before = office.mongo[service].find_one_and_update({"_id": key}, {"$set": change})
    try:
        yield
    finally:
        office.mongo[service].replace_one({"_id": key}, before or {})


@contextmanager
def without(office: Office, service: str, key: ObjectId) -> Iterator[None]:
    """As if the document had been lost."""
    before = office.mongo[service].find_one_and_delete({"_id": key})
    try:
        yield
    finally:
        office.mongo[service].insert_one(before or {})


@contextmanager
def doubled(office: Office, service: str, key: ObjectId) -> Iterator[ObjectId]:
    """A second document like it, of long ago, under another id."""
    twin = ObjectId()
    document = office.mongo[service].find_one({"_id": key}) or {}
    office.mongo[service].insert_one(document | {"_id": twin, "createdAt": datetime(2020, 1, 1, tzinfo=UTC)})
    try:
        yield twin
    finally:
        office.mongo[service].delete_one({"_id": twin})


def pay(office: Office, user_id: ObjectId, order_id: str) -> None:
    with office.person(user_id) as buyer:
        answer = buyer.client.post("/api/payments", json={"orderId": order_id, "token": "tok_visa"})
        assert answer.status_code == 201, answer.text


def test_a_rush_is_proven_and_what_is_planted_is_found(office: Office) -> None:
    attempts = rush(office, list_tickets(office, 6), 30)
    paid, held, lost, robbed, *_ = [each for each in attempts if each.status == 201]
    for each in (paid, lost, robbed):
        pay(office, each.user_id, str(each.body["id"]))
    clean = audit(office, 0)
    assert clean["proven"]
    assert clean["tickets"]["sold"] >= 3
    assert clean["payments"]["all"] >= 3

    sale, hold, gone, bereft = (ObjectId(str(each.body["id"])) for each in (paid, held, lost, robbed))
    ticket = ObjectId(held.ticket_id)
    stripe_id = office.mongo.payments.find_one({"_id": gone})["attempt"]["stripeId"]  # type: ignore[index]
    with (
        changed(office, "orders", sale, {"ticket.price": 1, "payment.stripeId": "pi_bogus"}),
        changed(office, "payments", sale, {"attempt.amount": 1}),
        changed(office, "tickets", ticket, {"sold": True}),
        doubled(office, "orders", hold) as twin,
        without(office, "orders", gone),
        without(office, "payments", bereft),
    ):
        found = audit(office, 1, look_again_s="2")
    by_code = {each["code"]: each["documents"] for each in found["violations"]}
    assert Counter(each["code"] for each in found["violations"]) == {
        "amount_differs": 2,
        "order_missing": 1,
        "price_differs": 1,
        "payment_differs": 1,
        "sold_unpaid": 1,
        "oversold": 1,
        "order_without_hold": 1,
        "order_without_timer": 1,
        "hold_number_repeated": 1,
        "hold_without_order": 1,
        "payment_without_order": 1,
        "order_lost": 1,
        "payment_lost": 2,
    }
    [price, taken] = sorted(each["documents"] for each in found["violations"] if each["code"] == "amount_differs")
    assert (price[0], taken[0]) == (f"orders/{sale}", f"payments/{sale}")
    assert by_code["order_missing"] == [f"tickets/{lost.ticket_id}"]
    assert set(by_code["oversold"]) == {f"tickets/{ticket}", f"orders/{hold}", f"orders/{twin}"}
    assert by_code["hold_without_order"] == [f"tickets/{lost.ticket_id}", f"orders/{gone}"]
    assert by_code["order_without_timer"] == [f"orders/{twin}", f"expiration/{twin}"]
    assert by_code["order_lost"] == [f"orders/{gone}", f"payments/{gone}"]
    # What names money that the payments service does not know, and that of which it keeps nothing.
    unknown = [each["documents"] for each in found["violations"] if each["code"] == "payment_lost"]
    assert sorted(unknown) == sorted([f"orders/{each}", f"payments/{each}"] for each in (sale, bereft))
    assert by_code["payment_without_order"] == [f"stripe/{stripe_id}", f"orders/{gone}"]
    assert audit(office, 0)["proven"]


def sentence(office: Office, *flags: str) -> str:
    """What `boxoffice audit` says when it cannot be done; that is status 2."""
    account = {"STRIPE_KEY": sandbox.KEY, "STRIPE_API_BASE": office.record["sandbox_url"]}
    command = [sys.executable, "-m", "cluster", "audit", "--data-dir", str(office.folder), *flags]
    answer = subprocess.run(
        command, cwd=ROOT, env=os.environ | account, capture_output=True, timeout=60, check=False, text=True
    )
    assert answer.returncode == 2, (answer.stdout[-2000:], answer.stderr[-2000:])
    return answer.stderr


def test_a_document_of_somebody_else_is_named_with_its_field(office: Office) -> None:
    [ticket_id] = list_tickets(office, 1)
    with changed(office, "tickets", ObjectId(ticket_id), {"holdNumber": "1"}):
        assert f"tickets/{ticket_id} (field holdNumber)" in " ".join(sentence(office).split())
    assert audit(office, 0)["proven"]


def test_without_a_database_it_says_so_and_ends_with_2(office: Office) -> None:
    nobody = "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=200"
    assert "MongoDB could not be read" in sentence(office, "--mongo-url", nobody)


def test_a_database_without_an_office_is_no_proof_of_anything(office: Office) -> None:
    assert "No Box Office ever ran in the database boxofice" in sentence(office, "--database", "boxofice")
