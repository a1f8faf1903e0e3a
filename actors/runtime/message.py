"""The words actors speak in: messages, states, and the decision that a behaviour answers with.

This is all that a behaviour shares with the runtime, and none of it knows a ticket.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Self, TypeVar

from bson import ObjectId
from msgspec import Struct
from msgspec.structs import replace

Id = ObjectId
"""Ids are ObjectIds."""

Key = ObjectId | str
"""What tells one actor of a service from another: an ObjectId, or a string such as an e-mail address."""


class Record(Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """A part of messages and states; stored under camelCase names, as the API shows them.

    Records are trees that never change, so the cycle collector has nothing to find in them and need not look.
    """


class Address(Record, frozen=True, kw_only=True):
    """Where a message goes: one actor of one service."""

    service: str
    key: Key

    def __str__(self) -> str:
        """`tickets/65f0…`, as logs and operation ids show it."""
        return f"{self.service}/{self.key}"


class Message(Record, frozen=True, kw_only=True, tag_field="type"):
    """Anything that one party says to another; its tag (`order:created`) is its name on the wire."""

    brings_into_being: ClassVar[bool] = False
    """Whether its addressee usually does not exist before: its turn then begins without a look at the store, and the
    commit, which is conditional, tells if that was wrong."""

    may_be_leased: ClassVar[bool] = False
    """Whether a refusal of it is the same whoever asks, until its addressee changes; see `lease`."""

    can_wait: ClassVar[bool] = False
    """Whether nobody sits in front of it: it then travels some moments later, with more company."""

    def addressees(self) -> tuple[Address, ...]:
        """The actors that must hear this when an actor publishes it, in no particular order."""
        return ()


class Command(Message, frozen=True, kw_only=True):
    """A wish in the imperative: one addressee, may be refused."""


class Query(Message, frozen=True, kw_only=True):
    """A question: never changes anything; may be held until there is an answer."""


class Event(Message, frozen=True, kw_only=True):
    """A fact in the past tense; cannot be refused. Also what an actor is told by its own timer or task."""


class Wake(Event, frozen=True, kw_only=True, tag="wake"):
    """What an actor is told once its `due` time has come, and whatever there was to do then is done."""


class Reply(Message, frozen=True, kw_only=True):
    """What a turn answers."""


class Refused(Reply, frozen=True, kw_only=True, tag="refused"):
    """No, and why: `code` is stable and machine-readable, `message` is for people."""

    code: str
    message: str
    field: str | None = None
    order_id: Id | None = None


class Leased(Reply, frozen=True, kw_only=True, tag="leased"):
    """A refusal that holds for others, too: nobody need ask again for so many seconds, counted from the question."""

    refusal: Refused
    version: int
    """Of the state that refuses."""

    for_s: float


class Acknowledged(Reply, frozen=True, kw_only=True, tag="acknowledged"):
    """The turn is committed, there is nothing else to say."""


class Unanswered(Reply, frozen=True, kw_only=True, tag="unanswered"):
    """Not yet: the turn is still under way, or its answer is held. Ask again with the same operation id."""


class Overloaded(Reply, frozen=True, kw_only=True, tag="overloaded"):
    """The message was not taken, nothing was done: try again after `retry_after_s` seconds."""

    reason: str
    retry_after_s: float = 1.0


class OutcomeUnknown(Reply, frozen=True, kw_only=True, tag="unknown"):
    """The turn may or may not have been committed: repeat the same operation id to learn the truth."""

    reason: str

    @classmethod
    def after(cls, error: BaseException) -> Self:
        """What to say where something failed."""
        return cls(reason=f"{type(error).__name__}: {error}")


class State(Record, frozen=True, kw_only=True):
    """What an actor knows. Stored as its snapshot, one MongoDB document."""

    version: int = -1
    """Counts committed changes: 0 after the first, -1 while nothing is stored."""

    def next(self, **changes: Any) -> Self:  # noqa: ANN401  the fields are the subclass's
        """The state after `changes`, one version on."""
        return replace(self, version=self.version + 1, **changes)

    @property
    def exists(self) -> bool:
        """Whether this actor is stored."""
        return self.version >= 0

    @property
    def can_wait(self) -> bool:
        """Whether nobody sits in front of the work that is due on it: what somebody waits for then goes first."""
        return False


S = TypeVar("S", bound=State)


@dataclass(frozen=True, slots=True)
class Decision(Generic[S]):
    """What a behaviour makes of one message."""

    state: S
    """The state from now on; the very same object where nothing changes."""

    reply: Reply = Acknowledged()  # noqa: RUF009  frozen, so shared safely
    """What the sender hears once the state is committed."""

    events: tuple[Message, ...] = ()
    """Events and commands to publish: they enter the outbox in the same commit."""

    reply_from: str | None = None
    """Answer with what this service replies to the published event, instead of with `reply`."""

    to_others: Refused | None = None
    """What anybody else who says the same hears from now on; for a message that may be leased."""

    over: bool = False
    """Whether nothing of this actor need be remembered any more: its snapshot leaves the store. It publishes nothing
    then, and has nothing left to say; whoever comes later finds an actor that was never stored. As versions begin
    anew then, an old copy's removal may hit its successor: only for actors that may go as soon as their like may."""

    def changes(self, before: State) -> bool:
        """Whether anything stored is another than `before` after this."""
        return self.state.version != before.version or (self.over and before.exists)


def refuse(state: S, refusal: Refused) -> Decision[S]:
    """Leave everything as it is and say no."""
    return Decision(state, refusal)


def ignore(state: S) -> Decision[S]:
    """Leave everything as it is: the message changes nothing any more."""
    return Decision(state)


def forget(state: S) -> Decision[S]:
    """This actor is over, if there ever was one: nobody will miss what it knew."""
    return Decision(state, over=True)


def answer_later(state: S) -> Decision[S]:
    """Answer later, when the state has changed so that there is an answer."""
    return Decision(state, Unanswered())
