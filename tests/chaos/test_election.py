"""The primary of three MongoDB members goes in the middle of a rush: its successor has all that anybody was told."""

from collections.abc import Callable, Iterator

import psutil
import pytest
from bson import ObjectId

from tests.chaos.persistent import buy_and_pay
from tests.chaos.replica_set import ReplicaSet
from tests.chaos.victims import kill, rush_while_it_dies
from tests.conftest import running
from tests.integration.audits import audit
from tests.integration.crowd import assert_sold_once, list_tickets
from tests.integration.office import Office

Blow = Callable[[psutil.Process], object]


@pytest.fixture(scope="module")
def replica_set(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicaSet]:
    """Three members."""
    members = ReplicaSet(tmp_path_factory.mktemp("members"))
    try:
        yield members.start()
    finally:
        members.stop()


@pytest.fixture(scope="module")
def office(replica_set: ReplicaSet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office whose MongoDB is theirs."""
    yield from running(Office(tmp_path_factory.mktemp("elections") / "data", {"MONGO_URL": replica_set.url}))


@pytest.fixture(params=["killed", "cut off", "stepping down"])
def blow(request: pytest.FixtureRequest, replica_set: ReplicaSet) -> Blow:
    """What becomes of the primary. All three take part before that."""
    replica_set.mend()
    blows = {"killed": kill, "cut off": replica_set.cut_off, "stepping down": replica_set.step_down}
    return blows[request.param]


def test_another_primary_has_everything_that_was_acknowledged(
    office: Office, replica_set: ReplicaSet, blow: Blow
) -> None:
    # Given 500 buyers for 250 tickets,
    ticket_ids = list_tickets(office, 250)
    primary = replica_set.primary()

    # when the primary goes as soon as the first of them has his ticket,
    attempts = rush_while_it_dies(office, primary, ticket_ids, 500, blow)

    # then another one took its place, and knows what everybody was told, before that and after it;
    assert replica_set.primary().pid != primary.pid
    assert_sold_once(office, ticket_ids, attempts)
    for winner in (each for each in attempts if each.status == 201):
        order = office.mongo.orders.find_one({"_id": ObjectId(str(winner.body["id"]))})
        assert order is not None, f"the order {winner.body['id']} is lost"
        assert order["userId"] == winner.user_id
    # the books agree, and business goes on.
    assert audit(office, 0)["proven"]
    buy_and_pay(office)
