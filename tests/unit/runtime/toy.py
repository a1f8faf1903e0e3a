"""A jar of coins: the smallest actor that uses everything the runtime offers."""

from datetime import datetime
from typing import ClassVar

from msgspec import field

from actors.runtime.behaviour import Behaviour
from actors.runtime.message import (
    Address,
    Command,
    Decision,
    Event,
    Message,
    Query,
    Refused,
    Reply,
    State,
    Wake,
    answer_later,
    forget,
    ignore,
    refuse,
)

JARS, LISTENERS = "jars", "listeners"
EMPTY = Refused(code="empty", message="There is no coin in this jar")
KEY = "blue"
HERE = Address(service=JARS, key=KEY)
ANN, BOB = "listeners/ann", "others/bob"
"""Who may be told, as `service/key`."""


class Jar(State, frozen=True, kw_only=True):
    id: str = field(name="_id")
    coins: int = 0
    seen: int = 0
    wake_at: datetime | None = None
    is_patient: bool | None = None

    @property
    def can_wait(self) -> bool:
        return bool(self.is_patient)


class Put(Command, frozen=True, kw_only=True, tag="jar:put"):
    coins: int = 1
    tell: tuple[str, ...] = ()
    wait_for: str | None = None


class Take(Command, frozen=True, kw_only=True, tag="jar:take"):
    may_be_leased: ClassVar[bool] = True


class Whisper(Command, frozen=True, kw_only=True, tag="jar:whisper"):
    """Something that can wait."""

    can_wait: ClassVar[bool] = True


class Sent(Command, frozen=True, kw_only=True, tag="jar:sent"):
    """A command that comes out of an outbox; changes nothing once the jar has coins."""

    def addressees(self) -> tuple[Address, ...]:
        return (HERE,)


class WakeAt(Command, frozen=True, kw_only=True, tag="jar:wake-at"):
    at: datetime
    is_patient: bool | None = None


class Smash(Command, frozen=True, kw_only=True, tag="jar:smash"):
    """The jar is over, whatever is in it."""


class Broken(Command, frozen=True, kw_only=True, tag="jar:broken"):
    pass


class HasCoins(Query, frozen=True, kw_only=True, tag="jar:coins?"):
    at_least: int


class Made(Event, frozen=True, kw_only=True, tag="jar:made"):
    """The first that a jar hears, with the coins in it; a jar that exists passes it over."""

    brings_into_being: ClassVar[bool] = True

    coins: int


class Stillborn(Query, frozen=True, kw_only=True, tag="jar:stillborn"):
    """A question that claims to be the first a jar hears."""

    brings_into_being: ClassVar[bool] = True


class Dropped(Event, frozen=True, kw_only=True, tag="jar:dropped"):
    """The `number`th coin fell in; heard twice, it counts once."""

    number: int


class Changed(Event, frozen=True, kw_only=True, tag="jar:changed"):
    coins: int
    to: tuple[str, ...] = ()

    def addressees(self) -> tuple[Address, ...]:
        return tuple(address(each) for each in self.to)


class Count(Reply, frozen=True, kw_only=True, tag="jar:count"):
    coins: int


class JarBehaviour:
    service = JARS
    state_type = Jar

    def empty(self, key: str) -> Jar:
        return Jar(id=key)

    def due(self, state: Jar) -> datetime | None:
        return state.wake_at

    def decide(self, state: Jar, message: Message, now: datetime) -> Decision[Jar]:
        match message:
            case Put():
                news = Changed(coins=state.coins + message.coins, to=message.tell)
                new = state.next(coins=news.coins)
                return Decision(new, Count(coins=news.coins), (news,), message.wait_for)
            case Take() if not state.coins:
                return refuse(state, EMPTY)
            case Take():
                new = state.next(coins=state.coins - 1)
                return Decision(new, Count(coins=new.coins), to_others=None if new.coins else EMPTY)
            case Sent():
                return ignore(state) if state.coins else Decision(state.next(coins=1))
            case Stillborn():
                return Decision(state, Count(coins=state.coins)) if state.coins else refuse(state, EMPTY)
            case Made():
                return ignore(state) if state.exists else Decision(state.next(coins=message.coins))
            case Dropped():
                new = state.next(coins=state.coins + 1, seen=message.number)
                return Decision(new) if message.number > state.seen else ignore(state)
            case WakeAt():
                return Decision(state.next(wake_at=message.at, is_patient=message.is_patient))
            case Wake() if state.wake_at and state.wake_at <= now:
                return Decision(state.next(coins=state.coins + 100, wake_at=None))
            case Wake():
                return ignore(state)
            case Smash():
                return forget(state)
            case HasCoins():
                return (
                    Decision(state, Count(coins=state.coins))
                    if state.coins >= message.at_least
                    else answer_later(state)
                )
        raise TypeError(f"a jar does not understand {type(message).__name__}")


def address(name: str) -> Address:
    service, _, key = name.partition("/")
    return Address(service=service, key=key)


def jars() -> Behaviour:
    return JarBehaviour()
