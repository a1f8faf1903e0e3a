"""A number with its noun, for people. Pure."""


def counted(count: int, noun: str) -> str:
    """`1 order`, `2,000 orders`: for nouns whose plural ends in s."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
