"""`boxoffice down`: end the copy that owns a data folder, or what a killed one left there."""

import signal

from cluster.local import leftovers, record
from cluster.local.errors import ServiceError
from cluster.local.folder import DataFolder
from cluster.local.processes import KILLED_S, Identity, family, kill
from cluster.local.record import RunRecord
from cluster.local.waiting import until

END_S = 60.0
"""How long the owner may take to end everything in order."""


def end(folder: DataFolder) -> str:
    """End whatever runs in `folder` and wait until it is gone; what was done, in one sentence.

    Raises:
        FolderError: it is another user's, a copy starts there meanwhile, or one runs there that has lost its record.
        ServiceError: something cannot be ended.
    """
    known = record.load(folder.record)
    if known and known.owner.alive():
        _end_owner(known)
        done = f"Box Office at {known.url or folder.path} is closed."
    else:
        done = f"Nothing runs in {folder.path}."
    left = leftovers.find(folder, known)
    if left:
        # The lock keeps another start from becoming what is ended here.
        folder.claim()
        leftovers.end(left)
        done = f"{len(left)} processes that an earlier run left behind in {folder.path} are ended."
    if alive := [process for process in left if process.alive()]:
        raise _stubborn(alive)
    return done


def _end_owner(known: RunRecord) -> None:
    whole = family([known.owner])
    known.owner.send(signal.SIGTERM)
    if not until(lambda: not known.owner.alive(), timeout_s=END_S):
        kill(whole)
        if not until(lambda: not known.owner.alive(), timeout_s=KILLED_S):
            raise _stubborn([known.owner])


def _stubborn(alive: list[Identity]) -> ServiceError:
    pids = ", ".join(str(process.pid) for process in alive)
    return ServiceError(
        f"Some processes could not be ended: {pids}.",
        "They are another user's, or wait for a disk that does not answer.",
    )
