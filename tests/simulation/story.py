"""What to show of a schedule that went wrong."""

from .schedule import Result


def story(result: Result, name: str) -> str:
    """What went wrong, how to see it again, and what came just before it."""
    last = [line[:240] for line in result.trace.lines() if " kill " not in line][-40:]
    return "\n".join(
        [
            f"{name}: {result.violation}",
            f"the whole of it: python -m tests.simulation {name}",
            "the end of it:",
            *last,
        ]
    )
