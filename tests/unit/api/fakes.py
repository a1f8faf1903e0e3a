"""A whole office in memory for the API's unit tests: the real rules, and fakes for what touches the world."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, cast

import httpx
from bson import ObjectId
from starlette.types import ASGIApp

from actors.config import Config
from actors.contract import (
    EXPIRATION,
    ORDERS,
    PAYMENTS,
    Acknowledged,
    Address,
    Message,
    NextAction,
    PaymentActionRequired,
    PaymentCreated,
    PaymentFailed,
    PaymentRequested,
    PaymentStop,
    PaymentStopped,
    Refused,
    Reply,
    Reserve,
)
from actors.order import OrderBehaviour
from actors.runtime.behaviour import Behaviour
from actors.runtime.caller import Caller
from actors.runtime.envelope import Envelope
from actors.runtime.message import Unanswered
from actors.runtime.snapshot import Snapshot, from_stored, to_stored
from actors.ticket import TicketBehaviour
from actors.user import UserBehaviour
from serve_app.app import build_app
from serve_app.live.live import Live
from serve_app.parts import Parts
from serve_app.sessions import Sessions
from tests.simulation.loop import VirtualLoop
from tests.unit.fake_mongo import FakeDatabase
from tests.unit.live.fakes import FakeSource

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
KEY = "a-key-for-tests-of-32-characters-or-more"
PATIENCE_S = 10.0
"""Virtual seconds that anyone here waits for an answer that does not come."""


async def until(what: str, condition: Callable[[], bool], deadline_s: float = 5.0) -> None:
    """Let others work until `condition` holds.

    Raises:
        AssertionError: it does not hold by the deadline; says what was missing.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + deadline_s
    while not condition():
        assert loop.time() < end, f"missing after {deadline_s:g} s: {what}"
        await asyncio.sleep(0.001)


class OfficeLoop(VirtualLoop):
    """Virtual time, in which the work of threads takes none."""

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001  whoever waits for it gets it
            done.set_exception(error)
        return done


class FakeClock:
    """Stands still until it is told to move."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time

    def advance(self, **by: float) -> None:
        self.time += timedelta(**by)


class FakeActors:
    """A transport that takes turns on the spot: real behaviours, snapshots in the fake database.

    Payments are played: the token decides what becomes of an attempt. `script` answers instead of the actors.
    """

    def __init__(self, database: FakeDatabase, clock: FakeClock) -> None:
        rules: list[Behaviour] = [UserBehaviour(), TicketBehaviour(), OrderBehaviour(timedelta(minutes=15))]
        self._rules = {each.service: each for each in rules}
        self._database = database
        self._clock = clock
        self._changed = asyncio.Event()
        self.script: dict[type[Message], Callable[[Envelope], Awaitable[Reply]]] = {}
        self.sent: list[Envelope] = []
        self.leases: dict[Address, Refused] = {}
        """What a reservation of these is refused with, without a question."""

    def answer(self, to: type[Message], *replies: Reply) -> None:
        """Let messages of this class hear these replies, one after the other; the last again and again."""
        left = list(replies)

        async def reply(_: Envelope) -> Reply:
            return left.pop(0) if len(left) > 1 else left[0]

        self.script[to] = reply

    def leased(self, to: Address, kind: type[Message]) -> Refused | None:
        refusal = self.leases.get(to)
        return refusal if kind is Reserve else None

    async def send(self, envelope: Envelope) -> Reply:
        self.sent.append(envelope)
        if scripted := self.script.get(type(envelope.message)):
            return await scripted(envelope)
        await asyncio.sleep(0)
        reply = self.turn(envelope)
        if isinstance(reply, Unanswered):
            self._changed.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), PATIENCE_S)
        return reply

    def turn(self, envelope: Envelope) -> Reply:
        to, message = envelope.to, envelope.message
        if to.service in (PAYMENTS, EXPIRATION):
            return self._play(message)
        rules, documents = self._rules[to.service], self._database[to.service].documents
        before = from_stored(documents[to.key], rules) if to.key in documents else Snapshot(to.key, rules.empty(to.key))
        if (recalled := before.recall(envelope.op)) is not None:
            return recalled
        decision = rules.decide(before.state, message, self._clock.now())
        if decision.state.version == before.version:
            return decision.reply
        after = before.after(decision, envelope.op, to.service, self._clock.now())
        documents[to.key] = to_stored(after, None)
        self._changed.set()
        return self._publish(after, decision.events, decision.reply, decision.reply_from)

    def _publish(self, snapshot: Snapshot, events: tuple[Message, ...], reply: Reply, reply_from: str | None) -> Reply:
        for n, event in enumerate(events):
            for address in event.addressees():
                heard = self.turn(Envelope(address, f"{snapshot.key}/{snapshot.version}.{n}", event))
                reply = heard if address.service == reply_from else reply
        return reply

    def _play(self, message: Message) -> Reply:
        """What Stripe does with a token."""
        match message:
            case PaymentRequested():
                token = message.method.token or message.method.payment_method or ""
                self.tell_order(message.order_id, attempt_ends(message, token))
            case PaymentStop():
                self.tell_order(message.order_id, PaymentStopped(order_id=message.order_id, attempt=message.attempt))
        return Acknowledged()

    def tell_order(self, order_id: ObjectId, news: Message | None) -> None:
        if news is not None:
            op = f"{type(news).__name__}/{len(self.sent)}/{getattr(news, 'attempt', 0)}"
            self.turn(Envelope(Address(service=ORDERS, key=order_id), op, news))


def attempt_ends(wish: PaymentRequested, token: str) -> Message | None:
    """Good for `tok_visa`; `tok_action` asks for the buyer, `tok_slow` never ends, and others name decline codes."""
    which: dict[str, Any] = {"order_id": wish.order_id, "attempt": wish.attempt}
    match token:
        case "tok_visa" | "pm_card_visa":
            return PaymentCreated(**which, payment_id=wish.payment_id, stripe_id="pi_1", amount=wish.amount)
        case "tok_action":
            action = NextAction(kind="redirect_to_url", url="https://bank.example", client_secret="secret")
            return PaymentActionRequired(**which, stripe_id="pi_1", next_action=action)
        case "tok_slow":
            return None
    code = token.partition("_")[2]
    return PaymentFailed(**which, code=code, reason=f"The bank says {code}", stripe_id="pi_1")


class FakeHints:
    """Follows hints by remembering them."""

    def __init__(self) -> None:
        self.followed: list[str] = []
        self.answer: Reply | Exception = Acknowledged()

    async def follow(self, stripe_id: str) -> Reply:
        self.followed.append(stripe_id)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class FakeOffice:
    """The application on fakes, and people to use it."""

    def __init__(self, **config: Any) -> None:
        self.clock = FakeClock()
        self.database = FakeDatabase()
        self.actors = FakeActors(self.database, self.clock)
        self.missing: list[str] = []
        self.hints = FakeHints()
        self.source = FakeSource()
        self.live = Live(self.source, self.clock, Random(7), streams_max=2)
        self.config = Config(mongo_url="mongodb://nowhere.invalid", jwt_key=KEY, stripe_key="sk_test", **config)
        self.app = self.build()

    def build(self) -> ASGIApp:
        """Another replica on the same database and actors."""

        async def readiness() -> list[str]:
            return self.missing

        return build_app(
            Parts(
                caller=Caller(self.actors),
                hints=cast("Any", self.hints),
                database=cast("Any", self.database),
                live=self.live,
                config=self.config,
                clock=self.clock,
                readiness=readiness,
            )
        )

    def client(self, user_id: ObjectId | None = None, address: str = "93.184.216.34") -> httpx.AsyncClient:
        """A browser of this user's, or of nobody's."""
        transport = httpx.ASGITransport(self.app, client=(address, 1))
        client = httpx.AsyncClient(transport=transport, base_url="http://office")
        if user_id is not None:
            sessions = Sessions(KEY, self.clock, secure=False)
            client.cookies.set("session", sessions.opened(user_id, "ada@example.com").split(";")[0].partition("=")[2])
        return client

    @contextmanager
    def broken(self, error: Exception, *calls: str) -> Iterator[None]:
        """Let these calls to the database fail (all, where none is named)."""
        self.database.failure = (error, calls)
        yield
        self.database.failure = None
