"""Replay one schedule: `python -m tests.simulation SEED`, or a way and its faults, prints its diary and its verdict."""

import sys

from .schedule import run
from .systematic import play, read


def main() -> None:
    """Print what happens under the seed, or the plan, on the command line."""
    words = sys.argv[1:]
    result = run(int(words[0])) if words[0].isdecimal() else play(read(words))
    sys.stdout.write("\n".join(result.trace.lines()))
    sys.stdout.write(f"\n\n{' '.join(words)}: {result.violation or 'all is well'}\n")
    sys.exit(1 if result.violation else 0)


if __name__ == "__main__":
    main()
