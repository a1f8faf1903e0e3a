"""Metadata: what an empty value means, and how many keys there may be."""

import pytest

from cluster.sandbox.errors import ParameterError
from cluster.sandbox.form import Value
from cluster.sandbox.metadata import KEYS_MAX, Metadata, MetadataChange, merged


def keys(count: int, first: int = 0) -> dict[str, str]:
    return {f"key {number}": "x" for number in range(first, first + count)}


@pytest.mark.parametrize(("value", "stored"), [({"a": "", "b": "2"}, {"b": "2"}), ("", {})])
def test_an_empty_value_makes_no_key(value: Value, stored: dict[str, str]) -> None:
    assert Metadata().parse(value, "metadata") == stored


@pytest.mark.parametrize(
    ("value", "left"),
    [({"c": "3"}, {"a": "1", "b": "2", "c": "3"}), ({"a": "", "c": ""}, {"b": "2"}), ("", {})],
)
def test_an_update_replaces_and_removes(value: Value, left: dict[str, str]) -> None:
    assert merged({"a": "1", "b": "2"}, MetadataChange().parse(value, "metadata")) == left


def test_the_keys_that_were_there_count_too() -> None:
    half = merged({}, keys(40))
    with pytest.raises(ParameterError, match="up to 50 keys, but you've set 80"):
        merged(half, keys(40, first=40))
    assert len(merged(half, keys(10, first=40))) == KEYS_MAX
    assert len(merged(keys(KEYS_MAX), {"key 0": "", "another": "x"})) == KEYS_MAX


def test_a_new_object_may_have_no_more_either() -> None:
    with pytest.raises(ParameterError) as error:
        Metadata().parse({**keys(KEYS_MAX), "one more": "x"}, "payment_intent_data[metadata]")
    assert error.value.param == "payment_intent_data[metadata]"
