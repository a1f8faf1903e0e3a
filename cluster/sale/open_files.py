"""Open files: every connection is one, and a process may have a thousand of them unless it asks for more."""

import resource

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
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if _covers(soft, wanted):
        return
    if not _covers(hard, wanted):
        sentence = f"--connections {connections:,} needs {wanted:,} open files, and a process may have {hard:,} here."
        raise ProofError(sentence, "Give fewer, or raise the limit (ulimit -Hn).")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _covers(limit: int, wanted: int) -> bool:
    return limit == resource.RLIM_INFINITY or limit >= wanted
