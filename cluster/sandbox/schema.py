"""The parameters of one endpoint or one nested hash: which exist, which must be there, their types."""

from collections.abc import Mapping
from dataclasses import dataclass

from cluster.sandbox.errors import ParameterError
from cluster.sandbox.form import Value
from cluster.sandbox.shapes import Json
from cluster.sandbox.specs import Array, Integer, Spec, Text


@dataclass(frozen=True)
class Hash:
    """Named parameters; used for a whole request and for each hash within it."""

    fields: Mapping[str, Spec]
    required: tuple[str, ...] = ()

    def parse(self, value: Value, name: str = "") -> Json:
        """Return the given parameters; ParameterError names the first unknown, missing or wrong one."""
        if isinstance(value, str):
            raise ParameterError("Invalid hash", param=name)
        self._refuse_unknown(value, name)
        for key in self.required:
            if key not in value:
                raise ParameterError(
                    f"Missing required param: {_join(name, key)}.",
                    code="parameter_missing",
                    param=_join(name, key),
                )
        return {key: self.fields[key].parse(item, _join(name, key)) for key, item in value.items()}

    def _refuse_unknown(self, value: Mapping[str, Value], name: str) -> None:
        unknown = [_join(name, key) for key in value if key not in self.fields]
        if unknown:
            plural = "s" if len(unknown) > 1 else ""
            raise ParameterError(
                f"Received unknown parameter{plural}: {', '.join(unknown[:10])}",
                code="parameter_unknown",
                param=unknown[0],
            )


@dataclass(frozen=True)
class TimeRange:
    """A time in epoch seconds, or bounds for one (`created[gte]`)."""

    def parse(self, value: Value, name: str) -> dict[str, object]:
        """Return the bounds by their names: gt, gte, lt, lte; one single time is both gte and lte."""
        if isinstance(value, str):
            moment = Integer().parse(value, name)
            return {"gte": moment, "lte": moment}
        return Hash(dict.fromkeys(("gt", "gte", "lt", "lte"), Integer())).parse(value, name)


EXPAND: Mapping[str, Spec] = {"expand": Array(Text(length_max=200))}
"""Every endpoint takes it."""


def _join(name: str, key: str) -> str:
    return f"{name}[{key}]" if name else key
