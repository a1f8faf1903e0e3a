"""A whole sale: tickets are listed, sessions made, the doors opened, and everybody watched until the end."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from pymongo import AsyncMongoClient
from pymongo.read_concern import ReadConcern

from cluster.audit.violation import Violation
from cluster.sale.buyer import crowd
from cluster.sale.doors import Doors, stock
from cluster.sale.figures import Figures
from cluster.sale.journal import Journal
from cluster.sale.meter import Limits, Meter
from cluster.sale.observer import Observer, Stock
from cluster.sale.passes import Pass, made, signed_up
from cluster.sale.place import Place
from cluster.sale.plan import Plan
from cluster.sale.shop import Shop, open_http

SELLERS = 3
EXPIRY_SLACK_S = 5.0
"""How much later than promised an order may expire before nobody waits for it any more."""


@dataclass(kw_only=True)
class Sale:
    """What has become of a sale so far, and in the end."""

    plan: Plan
    figures: Figures = field(default_factory=Figures)
    stock: list[Stock] = field(default_factory=list)
    unfinished: int = 0
    """Buyers who were not done at the deadline."""

    unexpired: int = 0
    """Abandoned orders whose time was not over at the end."""

    seconds: float = 0.0
    limits: Limits | None = None
    promises: int = 0
    broken: list[Violation] = field(default_factory=list)
    """Promises that the database does not keep."""


async def hold(plan: Plan, place: Place, show: Callable[[Sale], None]) -> Sale:
    """Hold the sale; `show` is called twice a second with what has become of it so far.

    Raises:
        ProofError: it could not begin.
        pymongo.errors.PyMongoError: the database could not be read.
    """
    sale, meter, journal = Sale(plan=plan), Meter(), Journal()
    opened = time.perf_counter()
    slots = asyncio.Semaphore(plan.connections)

    def elapsed_s() -> float:
        return time.perf_counter() - opened

    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(place.mongo_url, tz_aware=True)
    async with open_http(plan.connections) as http, client:
        # What the preparation costs is not the sale's: it is measured elsewhere and thrown away.
        quiet = Shop(http=http, url=place.url, slots=slots, figures=Figures(), meter=Meter(), elapsed_s=elapsed_s)
        sellers = await signed_up(SELLERS, quiet)
        people = made(plan.buyers, place.jwt_key) if place.jwt_key else await signed_up(plan.buyers, quiet)
        tickets = await stock(quiet, sellers, plan.tickets, plan.seed)
        shop = Shop(http=http, url=place.url, slots=slots, figures=sale.figures, meter=meter, elapsed_s=elapsed_s)
        observer = Observer(
            database=client.get_database(place.database, read_concern=ReadConcern("majority")),
            tickets=[ObjectId(each.id) for each in tickets],
            journal=journal,
            figures=sale.figures,
            elapsed_s=elapsed_s,
            seen=sale.stock,
        )
        opened = time.perf_counter()
        meter.start()
        async with background(meter.watch(), observer.watch(), shown(sale, show, elapsed_s)):
            await let_in(sale, Doors(shop=shop, tickets=tickets, journal=journal), people)
            took_s, sale.limits = elapsed_s(), meter.limits()
            await wait_for_expiry(plan, journal, observer)
        await observer.look()
        sale.seconds = took_s  # waiting for expiries is no part of the sale
        sale.unexpired = observer.unexpired()
        sale.promises = len(journal.promises)
        sale.broken = list(journal.broken(await observer.stored()))
    return sale


async def let_in(sale: Sale, doors: Doors, people: list[Pass]) -> None:
    """Let every buyer in, and wait until all are done or the time is over."""
    pairs = zip(crowd(sale.plan), people, strict=True)
    visits = [asyncio.create_task(doors.visit(buyer, his)) for buyer, his in pairs]
    done, late = await asyncio.wait(visits, timeout=sale.plan.seconds + sale.plan.limit_s)
    sale.unfinished = len(late)
    for each in late:
        each.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    for each in done:
        each.result()  # a defect of the generator itself must not pass for a quiet sale


async def wait_for_expiry(plan: Plan, journal: Journal, observer: Observer) -> None:
    """Wait until abandoned orders have expired, where that takes no longer than the plan allows."""
    ends = [each.expires_at for each in journal.promises.values() if each.abandoned]
    left_s = (max(ends) - datetime.now(UTC)).total_seconds() if ends else 0.0
    if not ends or left_s > plan.wait_expiry_s:
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(max(left_s, 0) + EXPIRY_SLACK_S):
            while observer.unexpired() > 0:
                observer.looked.clear()
                await observer.looked.wait()


async def shown(sale: Sale, show: Callable[[Sale], None], elapsed_s: Callable[[], float]) -> None:
    """Show the sale twice a second, until cancelled."""
    while True:
        sale.seconds = elapsed_s()
        show(sale)
        await asyncio.sleep(0.5)


@contextlib.asynccontextmanager
async def background(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run these beside the block, and end them with it. An error of theirs is raised at its end."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end
