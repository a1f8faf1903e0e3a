"""Which objects a list shows, as SQL."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which objects a list shows."""

    kind: str
    intent: str | None = None
    charge: str | None = None
    before_seq: int | None = None
    created_from: int = 0
    created_to: int = 2**62

    def where(self) -> tuple[str, list[object]]:
        """Return the SQL condition and its values."""
        clauses, values = (
            ["kind = ?", "created BETWEEN ? AND ?"],
            [self.kind, self.created_from, self.created_to],
        )
        for clause, value in (
            ("intent = ?", self.intent),
            ("charge = ?", self.charge),
            ("seq < ?", self.before_seq),
        ):
            if value is not None:
                clauses.append(clause)
                values.append(value)
        return " AND ".join(clauses), list(values)
