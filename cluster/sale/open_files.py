"""Whether a sale has files enough: every connection is one."""

from cluster import open_files
from cluster.local.errors import ProofError

BESIDE = 200
"""What a sale opens beside its connections."""

LINES = 2
"""Those who hold a ticket have as many connections of their own."""


def demand_files(connections: int) -> None:
    """Let this process open what a sale over so many connections needs.

    Raises:
        ProofError: the system does not let it; buyers without a socket would look like a server that is silent.
    """
    wanted = LINES * connections + BESIDE
    if wanted > (most := open_files.most()):
        sentence = f"--connections {connections:,} needs {wanted:,} open files, and a process may have {most:,} here."
        raise ProofError(sentence, "Give fewer, or raise the limit (ulimit -Hn).")
    open_files.ask_for(wanted)
