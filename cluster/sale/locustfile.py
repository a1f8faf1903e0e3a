"""The flash sale for Locust, with its web UI and its workers on many machines: `make locust`.

What a buyer does is `cluster.sale.visit`, as in `boxoffice flash-sale`; Locust only drives it. `boxoffice audit`
proves the books afterwards.
"""

from random import Random
from typing import Any

import gevent
from bson import ObjectId
from gevent.pool import Pool
from locust import FastHttpUser, between, events
from locust.contrib.fasthttp import FastHttpSession
from locust.event import EventHook
from locust.exception import StopTest
from locust.runners import WorkerRunner

from cluster.sale.buyer import drawn
from cluster.sale.granted import read_id
from cluster.sale.locust_driver import make, own_url, signed_in
from cluster.sale.locust_plan import mistake, plan_of
from cluster.sale.patience import ANSWER_MAX_S
from cluster.sale.plan import WISHES, Plan
from cluster.sale.stock import lots, new_name
from cluster.sale.visit import Move, visit

DEFAULTS = Plan(buyers=1, tickets=1_000)
CONNECTIONS = 16
"""As many tickets are listed at once."""


def add_flags(parser: Any, **_: object) -> None:  # noqa: ANN401 - Locust's own
    """What can be set in the web UI or on the command line, beside what Locust has."""
    parser.add_argument("--tickets", type=int, default=DEFAULTS.tickets, help="How many tickets there are.")
    for wish, share in zip(WISHES, DEFAULTS.shares, strict=True):
        parser.add_argument(f"--{wish}", type=float, default=share, help=f"Share of those with a ticket: {wish}.")
    parser.add_argument("--repeat", type=float, default=DEFAULTS.repeat, help="Share who ask twice, same key.")
    parser.add_argument("--think-s", type=float, default=DEFAULTS.think_s, help="Mean seconds before they act.")


def open_sale(environment: Any, **_: object) -> None:  # noqa: ANN401 - Locust's own
    """List the tickets, in the process that leads; Locust hands its options, with their ids, to the workers.

    Raises:
        StopTest: there cannot be such a sale, or the tickets could not be listed.
    """
    if isinstance(environment.runner, WorkerRunner):
        return
    options, url = environment.parsed_options, environment.host or Shopper.host or ""
    environment.process_exit_code = 1  # unless all goes well
    if sentence := mistake(options, url):
        raise StopTest(sentence)
    # An event that nobody hears: what the preparation costs is not the sale's.
    http = FastHttpSession(url, EventHook(), user=None, concurrency=CONNECTIONS)
    session = signed_in(http, url)
    listings = [Move(step=step, key=key) for step, key in lots(new_name(), options.tickets, seed=1)]
    Pool(CONNECTIONS).map(lambda listing: make(http, listing, session), listings)
    answers = [each.answer for each in listings]
    if refused := [each for each in answers if each.status != 201 or read_id(each.body) is None]:
        why = refused[0].words
        raise StopTest(f"No tickets could be listed at {url} ({why}). Is it ready, and is JWT_KEY its own key?")
    options.ticket_ids = [each.body["id"] for each in answers]
    environment.process_exit_code = None


class Shopper(FastHttpUser):  # type: ignore[misc] # Locust is not installed where types are checked
    """Somebody who comes again and again, each time for another ticket and with another wish."""

    host = own_url()
    wait_time = between(0.5, 1.5)
    network_timeout = connection_timeout = ANSWER_MAX_S

    def on_start(self) -> None:
        """Sign in."""
        self.session = signed_in(self.client, self.host or "")
        self.plan, self.chance = plan_of(self.environment.parsed_options), Random()

    def come(self) -> None:
        """One visit, from the request for a ticket to its end."""
        buyer = drawn(self.plan, self.chance, number=0, at_s=0.0, key=str(ObjectId()))
        ticket_id = self.environment.parsed_options.ticket_ids[buyer.ticket]
        for move in visit(buyer, ticket_id):
            gevent.sleep(move.after_s)
            make(self.client, move, self.session)

    tasks = (come,)


gevent.get_hub().NOT_ERROR += (StopTest,)  # Locust logs its sentence, and gevent is to print no traceback beside it
events.init_command_line_parser.add_listener(add_flags)
events.test_start.add_listener(open_sale)
