"""Faults that a test asks for: which request or delivery each one hits, and how often it happened.

Not Stripe's: real Stripe shows these faults when it likes. The rules live in memory, so a restart forgets them.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias, get_args

RULES_MAX = 1_000

RequestEffect: TypeAlias = Literal[
    "lost_response",
    "error_before",
    "error_after",
    "timeout_before",
    "timeout_after",
    "rate_limit",
    "key_in_use",
    "slow",
]
DeliveryEffect: TypeAlias = Literal[
    "webhook_duplicate", "webhook_delay", "webhook_reorder", "webhook_drop", "webhook_never"
]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One fault and when it happens."""

    effect: RequestEffect | DeliveryEffect
    method: str = "*"
    """Of requests: `POST`, or `*` for any."""

    path: str = "/v1/**"
    """Of requests: `*` stands for one part of the path, `**` for any number of them."""

    event: str = "*"
    """Of deliveries: a type such as `charge.failed`; `*` stands for anything."""

    order: str | None = None
    """Of either: the `order_id` in the metadata of what it is about; None for any."""

    nth: int = 1
    """The first match that it hits, counted from 1."""

    times: int | None = 1
    """How many matches it hits from there on; None for all of them."""

    seconds: float = 1.0
    """How long a time-out hangs, or a delivery waits."""

    ms: int = 100
    """How much later a slow answer is, in milliseconds."""

    @cached_property
    def _path(self) -> re.Pattern[str]:
        return _pattern(self.path, {"**": ".*", "*": "[^/]*"})

    @cached_property
    def _event(self) -> re.Pattern[str]:
        return _pattern(self.event, {"*": ".*"})

    def fits_request(self, method: str, path: str, *, keyed: bool, order: str | None = None) -> bool:
        """Tell whether this is about such a request; only one with an idempotency key can be in use already."""
        usable = self.effect in get_args(RequestEffect) and (keyed or self.effect != "key_in_use")
        meant = usable and self.order in (None, order) and self.method in ("*", method)
        return meant and self._path.fullmatch(path) is not None

    def fits_delivery(self, event_type: str, order: str | None = None) -> bool:
        """Tell whether this is about deliveries of such an event."""
        meant = self.effect in get_args(DeliveryEffect) and self.order in (None, order)
        return meant and self._event.fullmatch(event_type) is not None

    def hits(self, match: int) -> bool:
        """Tell whether it happens at its n-th match."""
        return match >= self.nth and (self.times is None or match < self.nth + self.times)


@dataclass
class Armed:
    """A rule with its counts."""

    id: str
    rule: Rule
    matched: int = 0
    happened: int = 0


@dataclass
class Faults:
    """Every rule, in the order of its making, and what happened since the last reset."""

    armed: list[Armed] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)

    def arm(self, rule_id: str, rule: Rule) -> Armed:
        """Add a rule."""
        self.armed.append(Armed(rule_id, rule))
        return self.armed[-1]

    def reset(self) -> None:
        """Forget every rule and every count."""
        self.armed.clear()
        self.happened.clear()

    @property
    def ask_whose(self) -> bool:
        """Whether a rule is bound to an order, so that somebody has to find out whose a request is."""
        return any(one.rule.order is not None for one in self.armed)

    def for_request(self, method: str, path: str, *, keyed: bool, order: str | None = None) -> Rule | None:
        """Return the fault of a request, if it has one, and count it."""
        return self._first(lambda rule: rule.fits_request(method, path, keyed=keyed, order=order))

    def for_delivery(self, event_type: str, order: str | None = None) -> Rule | None:
        """Return the fault of a delivery, if it has one, and count it."""
        return self._first(lambda rule: rule.fits_delivery(event_type, order))

    def _first(self, fits: Callable[[Rule], bool]) -> Rule | None:
        """Count the match for every rule that fits; the oldest one that hits happens."""
        chosen: Armed | None = None
        for one in self.armed:
            if fits(one.rule):
                one.matched += 1
                if chosen is None and one.rule.hits(one.matched):
                    chosen = one
        if chosen is None:
            return None
        chosen.happened += 1
        self.happened[chosen.rule.effect] += 1
        return chosen.rule


def _pattern(text: str, wild: dict[str, str]) -> re.Pattern[str]:
    parts = re.split(r"(\*\*|\*)", text)
    return re.compile("".join(wild.get(part, wild["*"] if part == "**" else re.escape(part)) for part in parts))
