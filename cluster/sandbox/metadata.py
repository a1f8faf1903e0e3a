"""Metadata: free text under free keys (https://docs.stripe.com/api/metadata)."""

from collections.abc import Mapping
from dataclasses import dataclass

from cluster.sandbox.errors import ParameterError
from cluster.sandbox.form import Value

KEYS_MAX = 50
KEY_LENGTH_MAX = 40
VALUE_LENGTH_MAX = 500


@dataclass(frozen=True)
class Metadata:
    """The metadata of an object that is made."""

    def parse(self, value: Value, name: str) -> dict[str, str]:
        """Return the pairs; a key without a value is none."""
        return merged({}, MetadataChange().parse(value, name), name)


@dataclass(frozen=True)
class MetadataChange:
    """What an update does to metadata."""

    def parse(self, value: Value, name: str) -> dict[str, str]:
        """Return the pairs for `merged`; an empty string in place of the hash is `{"": ""}`."""
        if value == "":
            return {"": ""}
        if isinstance(value, str):
            raise ParameterError("Invalid hash", param=name)
        return {key: _value(key, item, name) for key, item in value.items()}


def merged(old: Mapping[str, str], new: Mapping[str, str], name: str = "metadata") -> dict[str, str]:
    """Return metadata after a change: given keys replaced, empty ones removed, all of them by `{"": ""}`.

    ParameterError for more keys than an object may have: those that it had count too.
    """
    kept = {} if "" in new else old
    after = {key: value for key, value in {**kept, **new}.items() if value}
    if len(after) > KEYS_MAX:
        raise ParameterError(
            f"Metadata can have up to {KEYS_MAX} keys, but you've set {len(after)}. "
            "Email us at support+metadata@stripe.com for more information.",
            param=name,
        )
    return after


def _value(key: str, item: Value, name: str) -> str:
    if not isinstance(item, str):
        raise ParameterError("Metadata values must be strings", param=f"{name}[{key}]")
    if len(key) > KEY_LENGTH_MAX or len(item) > VALUE_LENGTH_MAX:
        raise ParameterError(
            f"Metadata keys can have up to {KEY_LENGTH_MAX} characters, and values can have up to "
            f"{VALUE_LENGTH_MAX} characters.",
            param=f"{name}[{key}]",
        )
    return item
