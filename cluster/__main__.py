"""Lets `python -m cluster` be the `boxoffice` command."""

from cluster.cli import main

if __name__ == "__main__":
    main()
