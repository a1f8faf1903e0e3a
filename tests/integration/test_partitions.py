"""Dividing a service: the map is recorded, settings that disagree stop the start, changing it is a step of its own."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from bson import ObjectId

from actors.opening import Database
from actors.runtime.partition import PartitionMap
from actors.runtime.partition_record import RECORD, MapDisagrees, NoOffice, agree, repartition
from tests.conftest import running
from tests.integration.crowd import assert_sold_once, list_tickets, rush
from tests.integration.office import JWT_KEY, ROOT, Office


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


def recorded(office: Office) -> dict[str, int]:
    """The map that is in force."""
    found = office.mongo["office"].find_one({"_id": RECORD}, {"_id": 0})
    assert found is not None
    return found


def test_an_office_of_two_partitions_and_then_of_one(office: Office) -> None:
    # Given two partitions that both sell,
    ticket_ids = list_tickets(office, 20)
    attempts = rush(office, ticket_ids, 60)
    assert_sold_once(office, ticket_ids, attempts)
    tickets = {each["partition"]: each for each in office.status()["services"] if each["service"] == "tickets"}
    assert all(tickets[n]["live_actors"] > 0 for n in (0, 1)), tickets
    before = recorded(office)

    # when somebody starts it with one, it does not start, and says what to do,
    office.stop()
    refused = boxoffice(office, "up", "--partitions", "1")
    assert refused.returncode == 1
    assert "divided into 2 partitions per service, but the settings say 1" in refused.stderr
    assert "boxoffice repartition 1" in refused.stderr
    assert "Traceback" not in refused.stderr

    # and after the explicit step, which makes a new map, it starts with one, and everybody still has his ticket.
    assert boxoffice(office, "repartition", "1").returncode == 0
    office.settings["BOXOFFICE_PARTITIONS"] = "1"
    office.start()
    assert recorded(office) == {"version": before["version"] + 1, "partitions": 1}
    assert_sold_once(office, ticket_ids, attempts)
    with office.person() as buyer:
        late = buyer.client.post("/api/orders", json={"ticketId": ticket_ids[0]})
        assert late.json()["errors"][0]["code"] == "ticket_reserved"
    assert office.mongo.tickets.count_documents({"_id": {"$in": [ObjectId(each) for each in ticket_ids]}}) == 20


async def test_all_who_open_a_new_database_in_the_same_moment_agree(database: Database) -> None:
    maps = await asyncio.gather(*(agree(database, 2) for _ in range(20)))

    assert set(maps) == {PartitionMap(version=1, partitions=2)}
    assert await agree(database, 2) == maps[0]


async def test_of_two_who_want_different_maps_in_the_same_moment_one_is_told_so(database: Database) -> None:
    found = await asyncio.gather(agree(database, 2), agree(database, 3), return_exceptions=True)

    [first] = [each for each in found if isinstance(each, PartitionMap)]
    [late] = [each for each in found if isinstance(each, MapDisagrees)]
    assert late.recorded == first.partitions


async def test_a_database_without_an_office_is_not_divided(database: Database) -> None:
    with pytest.raises(NoOffice):
        await repartition(database, 4)
    assert await agree(database, 2) == PartitionMap(version=1, partitions=2), "the first start divides it"
    assert await repartition(database, 4) == PartitionMap(version=2, partitions=4)
