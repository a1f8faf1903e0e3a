"""`kill -9` of the tickets supervisor while 100,000 orders are open: how long until it serves again."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from statistics import median

import httpx
from bson import ObjectId

from actors.contract import TICKETS
from tests.benchmarks import seeding, wrk
from tests.benchmarks.long.figure import Figure
from tests.benchmarks.long.memory import EDIT, SETTINGS
from tests.benchmarks.long.seeds import Seeds
from tests.benchmarks.long.shapes import check_seeds
from tests.benchmarks.long.stage import Stage
from tests.chaos.victims import kill, supervisor
from tests.integration.office import Office

ORDERS_OPEN = 100_000
KILLS = 3
WARM_S = 15
"""Seconds in which held tickets are asked for before each kill, so that many are in memory."""

AGAIN_S = 0.02
DEADLINE_S = 60
MUST_S, AIM_S = 5, 2

Outage = dict[str, float]
"""Seconds until each kind of question was answered again."""


def measure(stage: Stage) -> list[Figure]:
    """Kill it a few times; the median."""
    with stage.office(SETTINGS) as office:
        check_seeds(office)
        seeds = Seeds(office.mongo, timedelta(days=1))
        held = seeds.open_orders(ORDERS_OPEN, datetime.now(UTC), lambda n: stage.say_sometimes(f"{n:,} orders seeded"))
        free = seeding.tickets(office.mongo, KILLS)
        outages = [outage(stage, office, [str(each) for each in held], each) for each in free]
    typical = {what: median([each[what] for each in outages]) for what in outages[0]}
    what = f"restart of a tickets supervisor with {ORDERS_OPEN:,} open orders"
    serving_s = max(typical["granted"], typical["refused"])
    note = (
        f"median of {KILLS} kills; a grant after {typical['granted']:.2f} s, a refusal after {typical['refused']:.2f} s"
    )
    return [
        Figure(what=f"{what}: serving again", value=serving_s, unit="s", must=MUST_S, aim=AIM_S, note=note),
        Figure(what=f"{what}: /api/ready says so", value=typical["ready"], unit="s"),
    ]


def outage(stage: Stage, office: Office, held: list[str], free: str) -> Outage:
    """Kill the supervisor while it has many tickets in memory, and ask until it answers."""
    stranger = office.session(ObjectId())
    wrk.intrude(office.url, "PUT", "/api/tickets/", held, stranger, seconds=WARM_S, body=EDIT)
    victim = supervisor(office, TICKETS)
    stage.say(f"killing the supervisor, {victim.memory_info().rss / 2**20:,.0f} MiB")
    began = time.monotonic()
    kill(victim)
    with office.person() as buyer, office.client() as anybody, ThreadPoolExecutor(3) as pool:
        asked = {
            "granted": pool.submit(
                until, 201, lambda: buyer.client.post("/api/orders", json={"ticketId": free}), began
            ),
            "refused": pool.submit(until, 400, lambda: refusal(office, held[0]), began),
            "ready": pool.submit(until, 200, lambda: anybody.get("/api/ready"), began),
        }
        took = {what: future.result() for what, future in asked.items()}
    assert supervisor(office, TICKETS).pid != victim.pid
    stage.say(", ".join(f"{what} after {seconds:.2f} s" for what, seconds in took.items()))
    return took


def refusal(office: Office, ticket_id: str) -> httpx.Response:
    """Somebody asks for a ticket that somebody else holds."""
    with office.person() as late:
        return late.client.post("/api/orders", json={"ticketId": ticket_id})


def until(status: int, ask: Callable[[], httpx.Response], began: float) -> float:
    """Seconds since `began` until the answer has this status; 5xx is asked again, as any client would."""
    while time.monotonic() - began < DEADLINE_S:
        answer = ask()
        if answer.status_code == status:
            return time.monotonic() - began
        assert answer.status_code >= 500, answer.text
        time.sleep(AGAIN_S)
    raise AssertionError(f"no {status} within {DEADLINE_S} s")
