"""Fault schedules, many at a time: each is an order of its own, with faults that strike it alone."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from bson import ObjectId

from tests.integration.money import ledger, sandbox, status_in_books, wait_for_rest_of
from tests.integration.money_faults import Fault, Where, armed
from tests.integration.money_ways import TRIES, Sale, Shop, TooLate, Way
from tests.integration.office import Office
from tests.tls import TLS
from tests.waiting import wait_for

AT_ONCE = 64
"""How many people act at the same time."""

BEGINS = 5
"""How often a schedule begins whose order's window is short."""

KEPT_S = 1.0
"""How long an idle connection is used again: less than any server keeps it, so that none is closed under a request."""


@dataclass(frozen=True)
class Schedule:
    """What people do about one order, what goes wrong meanwhile, and how it must end."""

    way: Way
    end: str
    faults: tuple[Fault, ...]

    def __str__(self) -> str:
        """For whoever has to find out why it failed."""
        steps = (f"{each.effect} x{each.times} at {' '.join(each.where.values())}" for each in self.faults)
        return f"{self.way.__name__}: {', '.join(steps)}"


@dataclass
class FaultTally:
    """How many schedules ran, and how many faults of each kind happened in them."""

    schedules: int = 0
    pairs: int = 0
    faults: Counter[str] = field(default_factory=Counter)

    def lines(self) -> list[str]:
        """As a report."""
        counts = (f"{count:6} {effect}" for effect, count in sorted(self.faults.items()))
        return [f"{self.schedules} schedules, {self.pairs} of them with two faults or more", *counts]


def singles(way: Way, end: str, where: Where, effects: Sequence[str]) -> list[Schedule]:
    """Each fault alone, once: the client's own repeat is answered."""
    return [Schedule(way, end, (Fault(effect=each, where=where),)) for each in effects]


def pairs(way: Way, end: str, first: Sequence[Fault], second: Sequence[Fault], *also: Fault) -> list[Schedule]:
    """Each of one step's faults with each of another's, beside those that are always there."""
    return [Schedule(way, end, (*also, one, other)) for one in first for other in second]


def faults(where: Where, effects: Sequence[str], times: int = 2, nth: int = 1) -> list[Fault]:
    """The faults of one step; twice each, so that the client's own repeat fails as well."""
    return [Fault(effect=each, where=where, times=times, nth=nth) for each in effects]


def play(office: Office, schedules: Sequence[Schedule], tally: FaultTally, at_once: int = AT_ONCE) -> None:
    """Run all of them beside each other; every fault must have happened, and all books must agree.

    Raises:
        AssertionError: a fault did not happen, or a schedule ended in another way than it must.
    """
    with sandbox(office) as stripe:
        stripe.delete("/v1/sandbox/faults").raise_for_status()
        try:
            order_ids = asyncio.run(act_out(office, schedules, at_once))
            wait_for_rest_of(office, order_ids)
            wait_for_all_to_strike(stripe, order_ids)
            count(schedules, armed(stripe), tally)
        finally:
            stripe.delete("/v1/sandbox/faults").raise_for_status()
    assert_ends(office, dict(zip(order_ids, schedules, strict=True)))


async def act_out(office: Office, schedules: Sequence[Schedule], at_once: int, *, shaken: bool = False) -> list[str]:
    """Let everybody act; the ids of the orders, one a schedule."""
    turn = asyncio.Semaphore(at_once)
    limits = httpx.Limits(max_connections=at_once, keepalive_expiry=KEPT_S)
    http = httpx.AsyncClient(base_url=office.url, timeout=60, limits=limits, verify=TLS)
    async with http, stripe_of(office) as stripe:
        shop = Shop(http, office, shaken)

        async def one(schedule: Schedule) -> str:
            for _ in range(BEGINS):
                sale = Sale(shop)
                order_id = await sale.reserve()
                await arm(stripe, [each.rule(order_id) for each in schedule.faults], shaken=shaken)
                try:
                    await schedule.way(sale)
                    return order_id
                except TooLate:
                    continue
                except AssertionError as error:
                    raise AssertionError(f"order {order_id}, {schedule}: {error}") from error
            raise AssertionError(f"{schedule}: the window was too short {BEGINS} times")

        async def in_turn(schedule: Schedule) -> str:
            async with turn:
                return await one(schedule)

        return await asyncio.gather(*(in_turn(schedule) for schedule in schedules))


def stripe_of(office: Office) -> httpx.AsyncClient:
    """The sandbox's API."""
    with sandbox(office) as stripe:
        url, headers, limits = stripe.base_url, stripe.headers, httpx.Limits(keepalive_expiry=KEPT_S)
        return httpx.AsyncClient(base_url=url, headers=headers, timeout=30, limits=limits, verify=TLS)


async def arm(stripe: httpx.AsyncClient, rules: list[dict[str, Any]], *, shaken: bool) -> None:
    """Let these faults happen; a sandbox that has died is about to be replaced."""
    for _ in range(TRIES):
        try:
            (await stripe.post("/v1/sandbox/faults", json=rules)).raise_for_status()
            return
        except httpx.TransportError:
            if not shaken:
                raise
        await asyncio.sleep(0.25)
    raise AssertionError(f"the sandbox is not back after {TRIES} tries")


def wait_for_all_to_strike(stripe: httpx.Client, order_ids: Sequence[str]) -> None:
    """Until every fault of these orders has happened: a webhook may come when all else is at rest."""

    def missing() -> list[dict[str, Any]]:
        return [rule for rule in armed(stripe) if rule["order"] in order_ids and not rule["happened"]]

    try:
        wait_for("every fault", lambda: not missing(), deadline_s=15, every_s=0.2)
    except AssertionError as late:
        raise AssertionError(f"{late}; {len(missing())} did not happen: {missing()[:5]}") from late


def count(schedules: Sequence[Schedule], rules: list[dict[str, Any]], tally: FaultTally) -> None:
    """Add to the sums of the run."""
    tally.schedules += len(schedules)
    tally.pairs += sum(len(each.faults) > 1 for each in schedules)
    for rule in rules:
        tally.faults[rule["effect"]] += rule["happened"]


def assert_ends(office: Office, played: dict[str, Schedule]) -> None:
    """All books agree, each order ended as it must, and nothing that was given up can still take money."""
    rows = ledger(office)
    wrong = []
    for order_id, schedule in played.items():
        try:
            end = status_in_books(office, order_id, rows[order_id])
            assert end == schedule.end, f"it is {end}, not {schedule.end}"
        except AssertionError as error:
            wrong.append(f"order {order_id}, {schedule}: {error}")
    assert not wrong, "\n".join([f"{len(wrong)} of {len(played)} schedules ended wrongly:", *wrong[:20]])
    assert_the_dead_are_dead(office, list(played))


def assert_the_dead_are_dead(office: Office, order_ids: list[str]) -> None:
    """An attempt that we count as failed is one that Stripe has closed for good."""
    states = {row["payment_intent"]: row["status"] for rows in ledger(office).values() for row in rows}
    ids = [ObjectId(each) for each in order_ids]
    with sandbox(office) as stripe:
        for payment in office.mongo.payments.find({"_id": {"$in": ids}}):
            for attempt in (payment["attempt"], *payment.get("past", [])):
                stripe_id = attempt.get("stripeId", "")
                if stripe_id.startswith("cs_"):
                    states[stripe_id] = stripe.get(f"/v1/checkout/sessions/{stripe_id}").json()["status"]
                if attempt["phase"] == "failed" and stripe_id:
                    assert states[stripe_id] in ("canceled", "expired"), (payment, states[stripe_id])
