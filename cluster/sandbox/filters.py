"""Which objects a list shows, as SQL."""

from dataclasses import dataclass

_OF_TYPE = "json_extract(body, '$.type') GLOB ?"


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which objects a list shows."""

    kind: str
    intent: str | None = None
    charge: str | None = None
    types: tuple[str, ...] = ()
    """Types of events, `*` standing for anything; none means all."""

    before_seq: int | None = None
    after_seq: int | None = None
    """Turns the page round: the objects made next after this one."""

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
            ("seq > ?", self.after_seq),
        ):
            if value is not None:
                clauses.append(clause)
                values.append(value)
        if self.types:
            clauses.append(f"({' OR '.join([_OF_TYPE] * len(self.types))})")
            values.extend(self.types)
        return " AND ".join(clauses), list(values)
