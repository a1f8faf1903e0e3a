"""Idempotency keys: order, attempt and step; a spent one is followed by a numbered one."""

import pytest
from msgspec.structs import replace

from actors.gateway.client import SPENT_MAX, Keys, id_of, is_under_way, metadata_in, metadata_of

from .fakes import (
    ATTEMPT,
    CONFIRMING,
    FAILED_INSIDE,
    KEY_IN_USE,
    METADATA,
    OPENING,
    ORDER,
    REFUSED,
    TRY_AGAIN,
    intent,
    named,
)


def key(keys, step="open", attempt=ATTEMPT):
    return keys.of(OPENING, attempt, step)["idempotency_key"]


def test_a_key_names_the_order_the_attempt_and_the_step():
    assert key(Keys()) == f"{ORDER}:1:open"
    assert key(Keys(), "confirm") == f"{ORDER}:1:confirm"
    assert key(Keys(), attempt=replace(ATTEMPT, number=2)) == f"{ORDER}:2:open"


def test_a_step_that_is_tried_again_keeps_its_key():
    keys = Keys()
    assert key(keys) == key(keys)


def test_a_spent_key_is_followed_by_numbered_ones():
    keys = Keys()
    said = []
    for _ in range(3):
        said.append(key(keys))
        keys.spend(OPENING, ATTEMPT, "open")
    assert said == [f"{ORDER}:1:open", f"{ORDER}:1:open:2", f"{ORDER}:1:open:3"]


def test_spending_one_steps_key_spends_no_other():
    keys = Keys()
    keys.spend(OPENING, ATTEMPT, "open")
    assert key(keys, "confirm") == f"{ORDER}:1:confirm"
    assert key(keys, attempt=replace(ATTEMPT, number=2)) == f"{ORDER}:2:open"


def test_the_same_way_is_gone_again_after_a_restart():
    """Stripe replays every stored failure on it, and then what came of the last key."""
    first, second = Keys(), Keys()
    for keys in (first, second):
        keys.spend(OPENING, ATTEMPT, "open")
    assert key(first) == key(second)


def test_what_is_done_is_forgotten():
    keys = Keys()
    keys.spend(OPENING, ATTEMPT, "open")
    keys.done(OPENING, ATTEMPT, "open")
    assert key(keys) == f"{ORDER}:1:open"


def test_only_the_latest_steps_are_remembered():
    """Of the many whose attempts ended otherwise nobody will ask again."""
    keys = Keys()
    attempts = [replace(ATTEMPT, number=number) for number in range(SPENT_MAX + 1)]
    for attempt in attempts:
        keys.spend(OPENING, attempt, "open")
    assert [key(keys, attempt=attempts[n]) for n in (0, 1)] == [f"{ORDER}:0:open", f"{ORDER}:1:open:2"]


def test_a_step_that_is_still_tried_is_among_the_latest():
    keys = Keys()
    for number in range(SPENT_MAX):
        keys.spend(OPENING, replace(ATTEMPT, number=number), "open")
    keys.spend(OPENING, replace(ATTEMPT, number=0), "open")
    keys.spend(OPENING, replace(ATTEMPT, number=SPENT_MAX), "open")
    assert key(keys, attempt=replace(ATTEMPT, number=0)) == f"{ORDER}:0:open:3"


def holding(keys, error=None):
    """The key that a step was tried under, whatever came of it."""
    with keys.held(OPENING, ATTEMPT, "open") as options:
        if error:
            raise error
    return options["idempotency_key"]


def test_a_step_that_is_held_has_its_key_and_is_done_at_the_end():
    keys = Keys()
    keys.spend(OPENING, ATTEMPT, "open")
    assert holding(keys) == f"{ORDER}:1:open:2"
    assert key(keys) == f"{ORDER}:1:open"


def test_a_failure_of_stripe_s_own_spends_the_key_that_is_held():
    keys = Keys()
    with pytest.raises(type(FAILED_INSIDE)):
        holding(keys, FAILED_INSIDE)
    assert key(keys) == f"{ORDER}:1:open:2"
    assert key(keys, "confirm") == f"{ORDER}:1:confirm"


@pytest.mark.parametrize("error", [KEY_IN_USE, REFUSED, *TRY_AGAIN], ids=named)
def test_no_other_failure_changes_the_key_that_is_held(error):
    keys = Keys()
    keys.spend(OPENING, ATTEMPT, "open")
    with pytest.raises(type(error)):
        holding(keys, error)
    assert key(keys) == f"{ORDER}:1:open:2"


def test_an_object_at_stripe_tells_whose_money_it_is():
    assert metadata_of(OPENING, ATTEMPT) == METADATA
    assert metadata_in(intent("succeeded")) == METADATA


@pytest.mark.parametrize("metadata", [None, {}], ids=str)
def test_an_object_without_metadata_tells_nothing(metadata):
    assert metadata_in(intent("succeeded", metadata=metadata)) == {}


def test_what_was_opened_has_an_id():
    assert id_of(CONFIRMING) == "pi_1"


def test_a_key_in_use_is_no_failure():
    assert is_under_way(KEY_IN_USE)
    assert not is_under_way(FAILED_INSIDE)
