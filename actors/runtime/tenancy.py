"""What one end of a link hears and says of the leases that it holds: the other end's `tenant`."""

from collections.abc import Sequence
from math import inf

from actors.runtime.envelope import Envelope
from actors.runtime.lessee import GIVEN_WITHIN_S, Departures, Lessee
from actors.runtime.message import Key, Leased, Message, Refused
from actors.runtime.wire import Call, Gift, Word


class Tenancy:
    """Keeps leases, gives them back when they are asked for, and asks in good time that they begin anew."""

    def __init__(self) -> None:
        """No lease yet."""
        self._lessee = Lessee()
        self._departures = Departures()
        self._returned = self._returns_told = 0
        """How many leases were given back, and how many of them the other end knows of."""

        self._renew: list[tuple[Key, int]] = []
        """The leases to be asked for in the next call."""

        self._renew_asked_s = inf
        """When that was last asked; inf while no answer is awaited."""

    def refusal(self, key: Key, kind: type[Message], now_s: float) -> Refused | None:
        """What `key` would say to a message of this kind; None if that has to be asked."""
        return self._lessee.refusal(key, kind, now_s)

    def keep(self, key: Key, kind: type[Message], leased: Leased, asked_at_s: float) -> None:
        """A reply to what was asked then came with a lease."""
        self._lessee.keep(key, kind, leased, asked_at_s)

    def hear(self, word: Word) -> None:
        """What a word says of leases; its replies have been heard already."""
        self._take(word.given, word.given_after)
        for key in word.taken_back:
            self._lessee.give_back(key)
        self._returned += len(word.taken_back)
        if word.renewed is not None:
            self._lessee.renewed(word.renewed, self._renew_asked_s)
            self._renew_asked_s = inf

    def _take(self, given: Sequence[Gift], given_after: int) -> None:
        since_s = self._departures.left_s(given_after)
        for gift in given:
            self._lessee.keep(gift.key, gift.kind, gift.leased, since_s, GIVEN_WITHIN_S)

    def ask_for_more(self, now_s: float) -> None:
        """Leases that are wanted are to begin anew: in a rush that is one question for all, not one for each."""
        if self._renew_asked_s == inf and (wanted := self._lessee.wanted(now_s)):
            self._renew, self._renew_asked_s = wanted, now_s

    @property
    def has_news(self) -> bool:
        """Whether the other end is to hear something: its actors may wait for leases to come back."""
        return bool(self._renew) or self._returned > self._returns_told

    def call(self, first: int, map_version: int, envelopes: Sequence[Envelope]) -> Call:
        """These messages, and all that is to be said of leases."""
        return Call(first, map_version, envelopes, self._returned, self._renew, self._lessee.refused)

    def left(self, call: Call, now_s: float) -> None:
        """`call` has left."""
        self._departures.leave(now_s)
        self._returns_told = call.returned
        self._renew = []

    def end(self) -> None:
        """Whoever gave the leases is gone."""
        self._lessee.give_all_back()
