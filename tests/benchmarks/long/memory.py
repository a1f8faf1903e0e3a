"""What a live actor weighs: the process of a supervisor at several counts of actors, and the slope between them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from statistics import linear_regression

from bson import ObjectId

from actors.contract import ORDERS, TICKETS
from tests.benchmarks import wrk
from tests.benchmarks.long.figure import Figure
from tests.benchmarks.long.seeds import Seeds
from tests.benchmarks.long.shapes import check_seeds
from tests.benchmarks.long.stage import Stage
from tests.chaos.victims import supervisor
from tests.integration.office import Office

ACTORS = 50_000
SLICE_S = 6
"""Seconds of activating between two looks."""

SETTINGS = {"BOXOFFICE_PASSIVATE_AFTER_S": "86400", "BOXOFFICE_ORDER_WINDOW_S": "86400"}
MUST_KIB, AIM_KIB = 6, 2
EDIT = '{"title":"mine","price":1}'

Look = tuple[int, int]
"""Live actors, and the bytes that their process has for itself."""


def measure(stage: Stage) -> list[Figure]:
    """Activate held tickets, then their open orders: strangers ask each for what only its owner may do."""
    with stage.office(SETTINGS) as office:
        check_seeds(office)
        seeds = Seeds(office.mongo, timedelta(days=1))
        seeds.open_orders(ACTORS, datetime.now(UTC), lambda n: stage.say_sometimes(f"{n:,} open orders seeded"))
        return [
            weigh(stage, office, TICKETS, "PUT", EDIT),
            weigh(stage, office, ORDERS, "DELETE", ""),
        ]


def weigh(stage: Stage, office: Office, service: str, method: str, body: str) -> Figure:
    """The bytes that one more actor of `service` costs."""
    ids = [str(each["_id"]) for each in office.mongo[service].find({}, {"_id": 1})]
    session, looks = office.session(ObjectId()), [look(office, service)]
    while looks[-1][0] < ACTORS:
        live = looks[-1][0]
        wrk.intrude(office.url, method, f"/api/{service}/", ids[live:], session, seconds=SLICE_S, body=body)
        looks.append(look(office, service))
        stage.say(f"{looks[-1][0]:,} live {service}: {looks[-1][1] / 2**20:,.0f} MiB")
        assert looks[-1][0] > live, f"no further {service} come alive after {live:,}"
    return figure(service, looks)


def look(office: Office, service: str) -> Look:
    """Count and weigh."""
    live: int = next(each["live_actors"] for each in office.status()["services"] if each["service"] == service)
    return live, supervisor(office, service).memory_full_info().uss


def figure(service: str, looks: Sequence[Look]) -> Figure:
    """The slope of the line through all looks."""
    counts, weights = zip(*looks, strict=True)
    slope, _ = linear_regression(counts, weights)
    return Figure(
        what=f"memory per live shared actor: {service}",
        value=slope / 1024,
        unit="KiB",
        must=MUST_KIB,
        aim=AIM_KIB,
        note=f"least squares over {len(looks)} looks at 0 to {counts[-1]:,} actors",
    )
