"""A whole sale: tickets are listed, sessions made, the doors opened, and everybody watched until the end."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from actors.runtime.clock import SystemClock
from cluster.audit.obstacles import explained
from cluster.local.errors import ProofError
from cluster.sale.background import background
from cluster.sale.doors import Doors
from cluster.sale.figures import Figures
from cluster.sale.journal import Journal
from cluster.sale.meter import Meter
from cluster.sale.observer import Observer
from cluster.sale.place import Place
from cluster.sale.sale import Sale
from cluster.sale.shop import Lines, Shop, open_http
from cluster.sale.stage import Stage, set_up, witnesses_of
from cluster.sale.stopwatch import Stopwatch

SHOW_EVERY_S = 0.5


async def hold(sale: Sale, place: Place, show: Callable[[Sale], None]) -> None:
    """Hold the sale; `show` is called twice a second with what has become of it so far.

    What fails once the doors are closed is kept beside what was seen: see `Sale.failure`. It may be cancelled: what was
    seen by then is kept too.

    Raises:
        ProofError: it could not begin.
    """
    stopwatch, lines = Stopwatch(), Lines(sale.plan.connections)
    async with open_http() as http, background(_shown(sale, show, stopwatch)):
        # What the preparation costs is not the sale's: it is measured elsewhere and thrown away.
        quiet = Shop(http=http, url=place.url, lines=lines, figures=Figures(), meter=Meter(), stopwatch=stopwatch)
        stage = await set_up(sale.plan, place, quiet)
        shop = replace(quiet, figures=sale.figures, meter=Meter(shares_machine=place.is_here))
        sale.name = stage.name
        async with witnesses_of(place, stage, quiet, sale.figures) as witnesses:
            doors = Doors(shop=shop, tickets=stage.tickets, journal=Journal(), clock=stage.clock)
            observer = Observer(
                witnesses=witnesses, journal=doors.journal, figures=sale.figures, stopwatch=stopwatch, seen=sale.stock
            )
            await _open(sale, doors, stage, observer)
            try:
                with explained():
                    await _conclude(sale, observer)
            except ProofError as failure:
                sale.failure = failure


async def _open(sale: Sale, doors: Doors, stage: Stage, observer: Observer) -> None:
    """Let everybody in, and write down how it went, also if it is interrupted."""
    meter, stopwatch = doors.shop.meter, doors.shop.stopwatch
    stopwatch.restart()
    meter.start()
    sale.is_open, sale.started_at = True, SystemClock().now()
    async with background(meter.watch(), observer.watch()):
        try:
            sale.unfinished, sale.not_let_in = await doors.let_in(sale.plan, stage.people)
        except asyncio.CancelledError:
            doors.journal.cut_off()
            raise
        finally:
            sale.took_s, sale.limits = stopwatch.elapsed_s(), meter.limits()
            sale.promises = len(doors.journal.promises)
            sale.unexpired = observer.unexpired()


async def _conclude(sale: Sale, observer: Observer) -> None:
    """Watch everybody until the end, and write down what still is to expire, also if it is interrupted."""
    try:
        await observer.wait_for_expiry(sale.plan.wait_expiry_s)
        await observer.settle()
        sale.broken = await observer.broken()
        sale.is_compared = True
        sale.unheard = observer.unheard
    finally:
        sale.unexpired = observer.unexpired(sale.broken)


async def _shown(sale: Sale, show: Callable[[Sale], None], stopwatch: Stopwatch) -> None:
    """Show the sale twice a second, until cancelled."""
    while True:
        sale.seconds = stopwatch.elapsed_s()
        show(sale)
        await asyncio.sleep(SHOW_EVERY_S)
