"""What a parameter may look like: one class a type, each with Stripe's own message for what it is not."""

import re
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from cluster.sandbox.errors import ParameterError
from cluster.sandbox.form import Value

TEXT_LENGTH_MAX = 5_000


class Spec(Protocol):
    """The description of one parameter."""

    def parse(self, value: Value, name: str) -> object:
        """Return the value as Python sees it; ParameterError when it is not of this type."""


def text_of(value: Value, name: str) -> str:
    """Return a scalar that is not empty; ParameterError for a hash or an empty string."""
    if not isinstance(value, str):
        raise ParameterError(f"Invalid string: {name} is a hash", param=name)
    if not value:
        raise ParameterError(
            f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a "
            f"parameter; however '{name}' cannot be unset. You should remove '{name}' from your request or "
            "supply a non-empty value.",
            code="parameter_invalid_empty",
            param=name,
        )
    return value


@dataclass(frozen=True)
class Text:
    """Any text of bounded length."""

    length_max: int = TEXT_LENGTH_MAX

    def parse(self, value: Value, name: str) -> str:
        """Return the text."""
        text = text_of(value, name)
        if len(text) > self.length_max:
            raise ParameterError(
                f"Invalid string: {text[:20]}...; must be at most {self.length_max} characters", param=name
            )
        return text


@dataclass(frozen=True)
class Integer:
    """A whole number within bounds, both included."""

    minimum: int = 0
    maximum: int = 2**53

    def parse(self, value: Value, name: str) -> int:
        """Return the number."""
        text = text_of(value, name)
        if not re.fullmatch(r"-?[0-9]{1,18}", text):
            raise self._error(f"Invalid integer: {text[:80]}", name)
        if (number := int(text)) < self.minimum:
            raise self._error(f"This value must be greater than or equal to {self.minimum}.", name)
        if number > self.maximum:
            raise self._error(f"This value must be less than or equal to {self.maximum}.", name)
        return number

    @staticmethod
    def _error(message: str, name: str) -> ParameterError:
        return ParameterError(message, code="parameter_invalid_integer", param=name)


@dataclass(frozen=True)
class Flag:
    """`true` or `false`."""

    def parse(self, value: Value, name: str) -> bool:
        """Return the truth value."""
        text = text_of(value, name)
        if text not in ("true", "false"):
            raise ParameterError(f"Invalid boolean: {text[:80]}", param=name)
        return text == "true"


@dataclass(frozen=True)
class Choice:
    """One word of a few."""

    options: tuple[str, ...]

    def parse(self, value: Value, name: str) -> str:
        """Return the word."""
        text = text_of(value, name)
        if text not in self.options:
            raise ParameterError(f"Invalid {name}: must be one of {', '.join(self.options)}", param=name)
        return text


@dataclass(frozen=True)
class Url:
    """An absolute http(s) address, or an app's own scheme as mobile return addresses use."""

    def parse(self, value: Value, name: str) -> str:
        """Return the address."""
        text = text_of(value, name)
        try:
            parts = urlsplit(text)
            valid = bool(parts.scheme and parts.netloc) and parts.scheme not in ("javascript", "data")
        except ValueError:
            valid = False
        if not valid:
            raise ParameterError("Not a valid URL", code="url_invalid", param=name)
        return text


@dataclass(frozen=True)
class Withdrawn:
    """What an earlier version of the API took: refused under a code of its own."""

    code: str

    def parse(self, value: Value, name: str) -> object:
        """Refuse it, whatever it says."""
        raise ParameterError(f"`{name}` is no longer supported in this version of the API", code=self.code, param=name)


@dataclass(frozen=True)
class Array:
    """A list of things of one type."""

    item: Spec = field(default_factory=Text)
    length_max: int = 20

    def parse(self, value: Value, name: str) -> list[object]:
        """Return the items in their order."""
        numbered = isinstance(value, dict) and all(re.fullmatch("[0-9]{1,6}", key) for key in value)
        if isinstance(value, str) or not numbered or len(value) > self.length_max:
            raise ParameterError("Invalid array", param=name)
        return [self.item.parse(value[key], f"{name}[{key}]") for key in sorted(value, key=int)]
