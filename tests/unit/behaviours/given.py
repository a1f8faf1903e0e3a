"""The people, the papers and the way the rules are written down.

A behaviour's rules are a table: for each message, what it means in each state. `rule` writes one line of it,
`cases` crosses all lines with all states, and the `check_*` functions hold every single crossing to what is true
of all behaviours. The states of a table are real ones: each module reaches them by its own rules.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from actors import contract, payment_answers
from actors.contract import (
    AUTH,
    EXPIRATION,
    ORDERS,
    PAYMENTS,
    TICKETS,
    Acknowledged,
    Command,
    Decision,
    Id,
    Message,
    Refused,
    Reply,
    State,
    TicketRecord,
)

NOON = datetime(2030, 6, 1, 12, 0, tzinfo=UTC)
WINDOW = timedelta(minutes=15)


def some_id(number: int) -> Id:
    return Id(f"{number:024x}")


SELLER, BUYER, RIVAL, STRANGER = (some_id(number) for number in range(0xA1, 0xA5))
TICKET, OTHER_TICKET = some_id(0x71), some_id(0x72)
ORDER, OTHER_ORDER = some_id(0x01), some_id(0x02)
FIRST_TRY, SECOND_TRY = some_id(0xF1), some_id(0xF2)
PRICE = 2500


def ticket_record(version: int, title: str = "Front row", price: int = PRICE) -> TicketRecord:
    return TicketRecord(id=TICKET, title=title, price=price, user_id=SELLER, version=version)


class Gossip(Command, frozen=True, kw_only=True, tag="test:gossip"):
    """What no service of the office understands."""


HEARD_BY: dict[str, set[str]] = {
    AUTH: {"user:sign-up"},
    TICKETS: {
        "ticket:create",
        "ticket:edit",
        "ticket:reserve",
        "ticket:claim",
        "order:cancelled",
        "order:completed",
    },
    ORDERS: {
        "ticket:updated",
        "ticket:claimed",
        "ticket:claim-refused",
        "order:cancel",
        "order:pay",
        "order:refund",
        "order:settled?",
        "expiration:complete",
        "payment:created",
        "payment:failed",
        "payment:action-required",
        "payment:stopped",
        "payment:refunded",
        "payment:refund-failed",
    },
    EXPIRATION: {"order:created", "order:cancelled", "order:completed", "wake"},
    PAYMENTS: {
        "order:cancelled",
        "payment:requested",
        "payment:stop",
        "payment:refund",
        "stripe:opened",
        "stripe:checkout-opened",
        "stripe:succeeded",
        "stripe:declined",
        "stripe:needs-action",
        "stripe:cancelled",
        "stripe:refunded",
        "stripe:refund-failed",
    },
}
"""Who says what to whom, from the side of those who listen."""

FOR_THE_PUBLIC = {"ticket:created"}
"""What no service listens to."""


def tag_of(message: Message | type[Message]) -> str:
    return str(message.__struct_config__.tag)


def spoken() -> dict[str, type[Message]]:
    """Every message that an actor can be sent, by its name on the wire."""
    found = {
        tag_of(each): each
        for each in (*vars(contract).values(), *vars(payment_answers).values())
        if isinstance(each, type) and issubclass(each, Message) and not issubclass(each, Reply)
    }
    return {tag: each for tag, each in found.items() if tag != each.__name__}  # a base class has no name there


# --- Writing rules ----------------------------------------------------------------------------------------------

Outcome = Callable[[Any], Decision[Any]]
ACKNOWLEDGED = Acknowledged()


@dataclass(frozen=True)
class Rule:
    says: str
    message: Message
    at: datetime
    outcomes: Mapping[str, Outcome]
    otherwise: Outcome


def stays(reply: Reply = ACKNOWLEDGED) -> Outcome:
    """Nothing changes: the very same state, and nothing is published."""
    return lambda state: Decision(state, reply)


def becomes(new: State, reply: Reply = ACKNOWLEDGED, *events: Message, **answers: Any) -> Outcome:
    """`answers` are the other fields of the decision: from whom the reply is, and what it is to others."""
    return lambda _: Decision(new, reply, events, **answers)


def changes(reply: Reply = ACKNOWLEDGED, *events: Message, **fields: Any) -> Outcome:
    """These fields change, the rest stays."""
    return lambda state: Decision(replace(state, version=state.version + 1, **fields), reply, events)


NOTHING = stays()
"""The message is acknowledged and changes nothing any more."""


def is_over(state: State) -> Decision[Any]:
    """Nobody needs this actor any more: it is forgotten."""
    return Decision(state, over=True)


def is_not_understood(_: State) -> Decision[Any]:
    raise TypeError


def is_kept(_: State) -> Decision[Any]:
    """An event for an actor that should exist and does not: never acknowledged away, but sent again."""
    raise LookupError


def rule(
    says: str,
    message: Message,
    *,
    otherwise: Outcome = NOTHING,
    at: datetime = NOON,
    **in_state: Outcome,
) -> Rule:
    """What `message` means in each state, and in all `otherwise`."""
    return Rule(says, message, at, in_state, otherwise)


def cases(states: Mapping[str, State], rules: Sequence[Rule]) -> list[Any]:
    """Every state x every message."""
    return [_case(name, states, line) for line in rules for name in states]


def _case(name: str, states: Mapping[str, State], line: Rule) -> Any:
    assert line.outcomes.keys() <= states.keys(), f"no such state: {line.outcomes.keys() - states.keys()}"
    outcome = line.outcomes.get(name, line.otherwise)
    return pytest.param(states[name], line, outcome, id=f"{name}: {line.says}")


def each(names: Sequence[str], outcome: Outcome) -> dict[str, Outcome]:
    """The same outcome in several states."""
    return dict.fromkeys(names, outcome)


def without(names: Sequence[str], *others: str) -> tuple[str, ...]:
    """These states but for some."""
    return tuple(name for name in names if name not in others)


def crossings(states: Mapping[str, State], rules: Sequence[Rule]) -> list[Any]:
    """Every state x every message, whatever comes of it."""
    return [pytest.param(state, line, id=f"{name}: {line.says}") for line in rules for name, state in states.items()]


# --- Holding every behaviour to what is true of all ---------------------------------------------------------------


def check(behaviour: Any, state: State, line: Rule, outcome: Outcome) -> None:
    """When the message comes in this state, then exactly this happens."""
    for failure, error in ((is_not_understood, TypeError), (is_kept, LookupError)):
        if outcome is failure:
            with pytest.raises(error):
                behaviour.decide(state, line.message, line.at)
            return
    decision = behaviour.decide(state, line.message, line.at)
    assert decision == outcome(state)
    check_version(state, decision)


def check_version(before: State, decision: Decision[Any]) -> None:
    """One version on where something changes or is said; the very same state where nothing is."""
    if decision.state is before:
        assert decision.events == ()
        return
    assert not decision.over
    assert decision.state.version == before.version + 1
    assert decision.events or replace(decision.state, version=before.version) != before
    assert not isinstance(decision.reply, Refused), "a refusal costs no write"


def check_purity(behaviour: Any, states: Mapping[str, State], rules: Sequence[Rule]) -> None:
    """Everywhere the same question gets the same answer, and asking it leaves no trace."""
    for state in states.values():
        for line in rules:
            kept_state, kept_message = deepcopy(state), deepcopy(line.message)
            answers = [_answer(behaviour, given, line.message, line.at) for given in (state, state, kept_state)]
            assert answers[0] == answers[1] == answers[2]
            assert (state, line.message) == (kept_state, kept_message)


def check_repeat(behaviour: Any, state: State, line: Rule, *, says_again: bool = False) -> None:
    """Said a second time, a message changes nothing; at the most its answer is published again."""
    first = _answer(behaviour, state, line.message, line.at)
    if isinstance(first, str):
        return
    second = behaviour.decide(first.state, line.message, line.at)
    assert replace(second.state, version=first.state.version) == first.state
    if says_again:
        assert second.events == first.events
    else:
        assert second.state is first.state
        assert second.events == ()


def _answer(behaviour: Any, state: State, message: Message, at: datetime) -> Decision[Any] | str:
    try:
        return behaviour.decide(state, message, at)
    except (TypeError, LookupError) as error:
        return str(error)


# --- Any sequence of messages -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Turn:
    """One message of a random sequence and what came of it."""

    seed: int
    before: Any
    message: Message
    at: datetime
    decision: Decision[Any]

    @property
    def after(self) -> Any:
        return self.decision.state

    def published(self, kind: type[Message]) -> list[Any]:
        return [event for event in self.decision.events if isinstance(event, kind)]


def sequences(
    behaviour: Any,
    key: Any,
    messages: Sequence[Message],
    *,
    opening: Sequence[Message] = (),
    how_many: int = 2000,
    length: int = 30,
) -> Iterator[list[Turn]]:
    """Thousands of random sequences of `messages` after the `opening`, each to a new actor, while time creeps on."""
    for seed in range(how_many):
        dice = Random(seed)
        state, now, turns = behaviour.empty(key), NOON, []
        for message in (*opening, *dice.choices(messages, k=length)):
            now += timedelta(seconds=dice.choice((0, 1, 60)))
            decision = behaviour.decide(state, message, now)
            turns.append(Turn(seed, state, message, now, decision))
            check_version(state, decision)
            state = behaviour.empty(key) if decision.over else decision.state
        yield turns


def walked(behaviour: Any, state: State, *messages: Message, at: datetime = NOON) -> Any:
    """The state that these messages lead to."""
    for message in messages:
        state = behaviour.decide(state, message, at).state
    return state
