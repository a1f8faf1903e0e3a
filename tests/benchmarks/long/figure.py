"""One measured figure, beside what it must and what it should reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What was measured. Without `must` it is only told."""

    what: str
    value: float
    unit: str
    must: float | None = None
    aim: float | None = None
    more_is_better: bool = False
    note: str = ""
    """How it was measured, in a few words."""

    series: Sequence[dict[str, Any]] = ()
    """What it was made from, where that is worth keeping."""

    @property
    def is_met(self) -> bool:
        """Whether it is what it must be."""
        return self.must is None or self._reaches(self.must)

    @property
    def is_aim_met(self) -> bool:
        """Whether it is what it should be."""
        return self.aim is None or self._reaches(self.aim)

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "what": self.what,
            "value": self.value,
            "unit": self.unit,
            "must": self.must,
            "aim": self.aim,
            "more_is_better": self.more_is_better,
            "met": self.is_met,
            "note": self.note,
            "series": list(self.series),
        }

    def _reaches(self, bound: float) -> bool:
        return self.value >= bound if self.more_is_better else self.value <= bound
