"""One simulated Box Office: wires real behaviours and runtime to a store, a network and a Stripe that fail."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from actors.alarm import Alarm
from actors.contract import EXPIRATION, PAYMENTS, SERVICES, Address
from actors.expiration import ExpirationBehaviour
from actors.gateway.hints import Hints
from actors.gateway.reconciliation import Reconciliation
from actors.gateway.task import StripeTask
from actors.order import OrderBehaviour
from actors.payment import PaymentBehaviour
from actors.runtime.behaviour import Behaviour, Task
from actors.runtime.caller import Caller
from actors.runtime.partition import PartitionMap
from actors.runtime.supervisor import Limits
from actors.ticket import TicketBehaviour
from actors.user import UserBehaviour

from .chance import Chance, Trace
from .faults import Faults
from .guard import Guard
from .line import SimulatedStripe
from .loop import VirtualClock, VirtualLoop
from .network import Wire
from .peek import Peek
from .postman import Postman
from .process import Place, Process
from .script import Script
from .store import FaultyStore
from .truth import Truth

NEWS_S = 6.0
"""How long, over two rounds, the reconciliation may take to tell what no webhook told."""


class World:
    """Everything there is in one schedule."""

    def __init__(
        self, loop: VirtualLoop, seed: int, script: Script | None = None, live_max: int = Limits.live_max
    ) -> None:
        self.loop = loop
        self.clock = VirtualClock(loop)
        self.chance = Chance(seed)
        self.trace = Trace()
        self.faults: Faults | Script = script or Faults(self.chance)
        self.guard = Guard(self)
        self.map = PartitionMap(version=1, partitions=2 if self.chance.hit(0.1) else 1)
        self.window_s = self.chance.between(2, 12)
        self.calls_max = self.chance.pick((1, 4))
        self.patience_s = self.chance.pick((0.02, 0.25))
        self.live_max = live_max
        self.passivate_after_s = self.chance.pick((1.5, 6.0, 3_600.0))
        self.chore_every_s = self.chance.between(2, 9)
        self.behaviours = self._behaviours()
        self.truths = {name: Truth(rules, self.guard.changed, loop.time) for name, rules in self.behaviours.items()}
        self.stripe = SimulatedStripe(self)
        self.postman = Postman(self)
        self.copies: dict[Place, list[Process]] = {
            (service, n): [] for service in SERVICES for n in range(self.map.partitions)
        }
        self.violation: str | None = None
        self.healed_at: datetime | None = None
        """Since when nothing goes wrong any more."""

        self.pending = 0
        """Things that were sent and have not arrived: late writes, repeated calls, banks."""

        self._started = 0

    def _behaviours(self) -> dict[str, Behaviour]:
        rules: list[Behaviour] = [
            UserBehaviour(),
            TicketBehaviour(),
            OrderBehaviour(timedelta(seconds=self.window_s)),
            ExpirationBehaviour(),
            PaymentBehaviour(),
        ]
        return {each.service: each for each in rules}

    def task_of(self, service: str, wire: Wire) -> Task | None:
        """The real tasks: payments on the simulated Stripe, timers on one process's wire."""
        if service == EXPIRATION:
            return Alarm(Caller(wire))
        return StripeTask(self.stripe, self.clock) if service == PAYMENTS else None  # type: ignore[arg-type]

    def chore_of(self, place: Place, store: FaultyStore, wire: Wire) -> Reconciliation | None:
        """The real reconciliation of payments, on the simulated Stripe and one process's view of the store."""
        if place[0] != PAYMENTS:
            return None
        stripe: Any = self.stripe
        database: Any = Peek(store)
        return Reconciliation(
            stripe, Hints(stripe, Caller(wire), self.clock), database, self.map.slots(place[1]), self.clock
        )

    def start(self, place: Place) -> Process:
        """One more copy of the supervisor of `place`."""
        self._started += 1
        process = Process(self, place, self._started)
        self.copies[place].append(process)
        process.start()
        return process

    def live(self, place: Place) -> list[Process]:
        """The copies that live."""
        return [copy for copy in self.copies[place] if copy.is_alive]

    def has_had_copies(self, to: Address) -> bool:
        """Whether several copies of the supervisor of `to` have run, one after the other or at once."""
        return len(self.copies[to.service, self.map.partition_of(to.key)]) > 1

    def all_live(self) -> list[Process]:
        """The living copies of all places."""
        return [copy for place in self.copies for copy in self.live(place)]

    def route(self, place: Place) -> Process | None:
        """The copy that a call happens to reach."""
        live = self.live(place)
        return self.chance.pick(live) if live else None

    def crashed(self, process: Process, step: str) -> None:
        """A process has come to the step at which it dies."""
        self.faults.counts[f"killed at {step}"] += 1
        process.kill(step)

    def later(self, delay_s: float, act: Callable[..., Any], *args: Any) -> None:
        """Let something happen, whatever becomes of whoever caused it."""
        self.pending += 1
        self.loop.call_later(delay_s, self._act, act, args)

    def _act(self, act: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.pending -= 1
        act(*args)

    def note(self, what: str, *details: Any) -> None:
        """Write into the diary."""
        self.trace.note(self.loop.time(), what, *details)

    def violated(self, what: str) -> None:
        """Something happened that must not: the schedule ends here."""
        if self.violation is None:
            self.violation = what
            self.note("VIOLATION", what)
            self.loop.stop()

    def unfinished(self, news: bool = True) -> list[str]:
        """What is still owed or due in the stores, or on its way."""
        found = [f"{self.pending} things are on their way"] if self.pending else []
        if news and self.loop.time() < self.stripe.changed_s + 2 * self.chore_every_s + NEWS_S:
            found.append("Stripe has news that perhaps nobody has heard yet")
        for service, truth in self.truths.items():
            for key, document in truth.documents.items():
                found += [f"{service}/{key} still owes {entry['id']}" for entry in document.get("outbox", ())]
                if document.get("due"):
                    found.append(f"{service}/{key} is due since {document['due']}")
        return found

    async def busy(self) -> list[str]:
        """What the supervisors say is under way."""
        found = []
        for copy in self.all_live():
            status = await copy.supervisor.status()
            counts = {name: status[name] for name in ("queued", "in_flight", "undelivered", "retrying")}
            if any(counts.values()):
                found.append(f"{copy.name}: {counts}")
        return found
