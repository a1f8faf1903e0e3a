"""Dividing a service: the map is recorded, settings that disagree stop the start, changing it is a step of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from bson import ObjectId

from tests.conftest import running
from tests.integration.crowd import list_tickets, rush
from tests.integration.office import JWT_KEY, ROOT, Office
from tests.integration.test_contention import assert_sold_once


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office with two supervisors for each service."""
    yield from running(Office(tmp_path / "data", {"BOXOFFICE_PARTITIONS": "2", "BOXOFFICE_REPLICAS": "1"}))


def boxoffice(office: Office, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command on the office's folder."""
    environ = os.environ | {"BOXOFFICE_DATA_DIR": str(office.folder), "BOXOFFICE_PORT": str(office.port)}
    environ["JWT_KEY"] = JWT_KEY
    command = [sys.executable, "-m", "cluster", *words]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120, check=False)


def test_an_office_of_two_partitions_and_then_of_one(office: Office) -> None:
    # Given two partitions that both sell,
    ticket_ids = list_tickets(office, 20)
    attempts = rush(office, ticket_ids, 60)
    assert_sold_once(office, ticket_ids, attempts)
    tickets = {each["partition"]: each for each in office.status()["services"] if each["service"] == "tickets"}
    assert all(tickets[n]["live_actors"] > 0 for n in (0, 1)), tickets

    # when somebody starts it with one, it does not start, and says what to do,
    office.stop()
    refused = boxoffice(office, "up", "--partitions", "1")
    assert refused.returncode == 1
    assert "divided into 2 partitions per service, but the settings say 1" in refused.stderr
    assert "boxoffice repartition 1" in refused.stderr
    assert "Traceback" not in refused.stderr

    # and after the explicit step it starts with one, and everybody still has his ticket.
    assert boxoffice(office, "repartition", "1").returncode == 0
    office.settings["BOXOFFICE_PARTITIONS"] = "1"
    office.start()
    assert_sold_once(office, ticket_ids, attempts)
    with office.person() as buyer:
        late = buyer.client.post("/api/orders", json={"ticketId": ticket_ids[0]})
        assert late.json()["errors"][0]["code"] == "ticket_reserved"
    assert office.mongo.tickets.count_documents({"_id": {"$in": [ObjectId(each) for each in ticket_ids]}}) == 20
