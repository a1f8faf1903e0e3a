"""Reads a fault rule from JSON; strict, so that a test with a typo fails instead of testing nothing."""

from collections.abc import Callable
from dataclasses import fields
from typing import get_args

from cluster.sandbox.errors import ParameterError
from cluster.sandbox.faults import DeliveryEffect, RequestEffect, Rule

COUNT_MAX = 1_000_000
SECONDS_MAX = 3_600
_REQUEST, _DELIVERY = get_args(RequestEffect), get_args(DeliveryEffect)


def parse_all(body: object) -> list[Rule]:
    """Return the rules of a body that is one rule or a list of them; ParameterError names what is wrong."""
    return [parse(one) for one in (body if isinstance(body, list) else [body])]


def parse(given: object) -> Rule:
    """Return one rule; ParameterError names the field that is unknown, missing or wrong."""
    if not isinstance(given, dict):
        raise ParameterError("A rule is a JSON object.")
    known = [field.name for field in fields(Rule)]
    for name, value in given.items():
        if name not in known:
            raise ParameterError(f"Unknown field: {name}. A rule has {', '.join(known)}.", param=str(name))
        if not _CHECKS[name](value):
            raise ParameterError(f"Invalid {name}: {value!r}. It is {_WORDS[name]}.", param=name)
    if "effect" not in given:
        raise ParameterError("Missing field: effect.", param="effect")
    return Rule(**given)


def _whole(value: object, maximum: int, minimum: int = 1) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and minimum <= value <= maximum


def _seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= SECONDS_MAX


def _text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 500


_CHECKS: dict[str, Callable[[object], bool]] = {
    "effect": lambda value: value in (*_REQUEST, *_DELIVERY),
    "method": lambda value: value in ("*", "GET", "POST", "DELETE"),
    "path": _text,
    "event": _text,
    "order": _text,
    "nth": lambda value: _whole(value, COUNT_MAX),
    "times": lambda value: value is None or _whole(value, COUNT_MAX),
    "seconds": _seconds,
    "ms": lambda value: _whole(value, SECONDS_MAX * 1000, 0),
}
_WORDS = {
    "effect": f"one of {', '.join((*_REQUEST, *_DELIVERY))}",
    "method": "GET, POST, DELETE or *",
    "path": "a pattern such as /v1/payment_intents/*/confirm",
    "event": "a pattern such as payment_intent.*",
    "order": "the order_id in the metadata of what the rule is about",
    "nth": f"a number from 1 to {COUNT_MAX}",
    "times": f"a number from 1 to {COUNT_MAX}, or null for every time",
    "seconds": f"a number from 0 to {SECONDS_MAX}",
    "ms": f"a whole number from 0 to {SECONDS_MAX * 1000}",
}
