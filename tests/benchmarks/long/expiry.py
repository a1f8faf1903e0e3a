"""10,000 open orders that expire in the same second: how long until the last ticket is on sale again."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from actors.contract import EXPIRATION, ORDERS, SERVICES, TICKETS
from tests.benchmarks.long.figure import Figure
from tests.benchmarks.long.seeds import Seeds
from tests.benchmarks.long.shapes import check_seeds
from tests.benchmarks.long.stage import Stage
from tests.integration.office import Office
from tests.waiting import wait_for

ORDERS_DUE = 10_000
WINDOW = timedelta(minutes=15)
AHEAD = timedelta(seconds=50)
"""Time to seed them and to let the supervisor learn of their deadlines."""

LOOK_EVERY_S = 0.1
DEADLINE_S = 120
MUST_S, AIM_S = 10, 3


def measure(stage: Stage) -> list[Figure]:
    """Seed them with one deadline, and watch the database from that second on."""
    with stage.office() as office:
        check_seeds(office)
        due = datetime.now(UTC).replace(microsecond=0) + AHEAD
        seed(stage, office, due)
        orders_s = until_none(stage, office, ORDERS, {"status": "created", "expiresAt": due}, due)
        tickets_s = until_none(stage, office, TICKETS, {"hold": {"$exists": True}, "createdAt": due - WINDOW}, due)
        stage.say(f"all orders cancelled after {orders_s:.2f} s, all tickets free after {tickets_s:.2f} s")
        wait_for("empty outboxes", lambda: not undelivered(office), 60)
        assert_released(office, due)
    note = "cold: no actor in memory before the deadline"
    return [
        Figure(
            what=f"{ORDERS_DUE:,} orders expiring in one second: all released",
            value=tickets_s,
            unit="s",
            must=MUST_S,
            aim=AIM_S,
            note=note,
        )
    ]


def seed(stage: Stage, office: Office, due: datetime) -> None:
    """Open orders that are all due at `due`, and a supervisor that knows it before."""
    Seeds(office.mongo, WINDOW).open_orders(ORDERS_DUE, due - WINDOW, lambda n: stage.say_sometimes(f"{n:,} seeded"))
    wait_for("timers for all of them", lambda: timers(office) >= ORDERS_DUE, AHEAD.total_seconds())
    left_s = (due - datetime.now(UTC)).total_seconds()
    assert left_s > 0, f"the supervisor learned of the deadlines {-left_s:.1f} s too late: AHEAD must be longer here"
    stage.say(f"{ORDERS_DUE:,} open orders are due in {left_s:.1f} s")


def timers(office: Office) -> int:
    """How many deadlines the expiration supervisor has in its agenda."""
    found: int = next(each["timers"] for each in office.status()["services"] if each["service"] == EXPIRATION)
    return found


def until_none(stage: Stage, office: Office, service: str, condition: dict[str, object], due: datetime) -> float:
    """Seconds from `due` until no document of `service` meets `condition`, which none does again once it did not.

    Each look goes on where the last one found somebody: looks at all of them would take a twelfth of MongoDB's time.
    """
    still: dict[str, Any] | None = {"_id": ObjectId("0" * 24)}
    while still := office.mongo[service].find_one(
        {"_id": {"$gte": still["_id"]}, **condition}, {"_id": 1}, sort=[("_id", 1)]
    ):
        late_s = (datetime.now(UTC) - due).total_seconds()
        assert late_s < DEADLINE_S, f"{service} still meet {condition} {late_s:.0f} s after the deadline"
        stage.say_sometimes(f"{service} are not yet all released, {late_s:+.1f} s")
        time.sleep(LOOK_EVERY_S)
    return (datetime.now(UTC) - due).total_seconds()


def undelivered(office: Office) -> int:
    """Snapshots with something unsaid."""
    return sum(office.mongo[service].count_documents({"outbox.0": {"$exists": True}}) for service in SERVICES)


def assert_released(office: Office, due: datetime) -> None:
    """Every one of the orders is cancelled, and no timer is left."""
    cancelled = office.mongo[ORDERS].count_documents({"status": "cancelled", "expiresAt": due})
    assert cancelled == ORDERS_DUE, f"{cancelled} of {ORDERS_DUE} orders are cancelled"
    wait_for("the end of all timers", lambda: not office.mongo[EXPIRATION].count_documents({"expiresAt": due}))
