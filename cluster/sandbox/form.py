"""Stripe's nested form encoding: `metadata[order_id]=7&expand[]=latest_charge` into nested dicts.

Lists stay dicts with numbers as keys, since only the parameter's description knows which of the two is meant.
"""

import re
from typing import TypeAlias
from urllib.parse import parse_qsl

from cluster.sandbox.errors import ParameterError

Value: TypeAlias = "str | dict[str, Value]"

FIELDS_MAX = 1_000
DEPTH_MAX = 8
_NAME = re.compile(r"[^\[\]]+(\[[^\[\]]*\])*")
_SEGMENT = re.compile(r"[^\[\]]+|(?<=\[)(?=\])")


def pairs(text: bytes) -> list[tuple[str, str]]:
    """Split a query or a body into names and values; ParameterError when it is no form."""
    try:
        return parse_qsl(
            text.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(text),
            errors="strict",
            max_num_fields=FIELDS_MAX,
        )
    except ValueError as error:
        raise ParameterError(
            "Invalid request (check that your POST content type is application/x-www-form-urlencoded). "
            "If you have any questions, we can help at https://support.stripe.com/."
        ) from error


def nest(fields: list[tuple[str, str]]) -> dict[str, Value]:
    """Return the fields as nested dicts; ParameterError on a malformed, too deep or contradictory name."""
    root: dict[str, Value] = {}
    for name, value in fields:
        _insert(root, name, value)
    return root


def _insert(root: dict[str, Value], name: str, value: str) -> None:
    path = _SEGMENT.findall(name) if _NAME.fullmatch(name) else []
    if not 0 < len(path) <= DEPTH_MAX:
        raise ParameterError(f"Invalid parameter name: {name[:80]}", param=name[:80])
    node = root
    for segment in path[:-1]:
        child = node.setdefault(segment or str(len(node)), {})
        if isinstance(child, str):
            raise ParameterError("Invalid hash", param=name)
        node = child
    last = path[-1] or str(len(node))
    if isinstance(node.get(last), dict):
        raise ParameterError("Invalid string: a hash was given too", param=name)
    node[last] = value
