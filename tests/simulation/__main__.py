"""Replay one schedule: `python -m tests.simulation SEED` prints its diary and its verdict."""

import sys

from .schedule import run


def main() -> None:
    """Print what happens under the seed on the command line."""
    result = run(int(sys.argv[1]))
    sys.stdout.write("\n".join(result.trace.lines()))
    sys.stdout.write(f"\n\nseed {result.seed}: {result.violation or 'all is well'}\n")
    sys.exit(1 if result.violation else 0)


if __name__ == "__main__":
    main()
