"""What keeps this machine from writing, as a sentence and an advice."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from cluster.local.errors import FolderError

ELSEWHERE = "or choose another data folder with BOXOFFICE_DATA_DIR (or --data-dir)."
ADVICE = {
    errno.ENOSPC: f"Free some space there, {ELSEWHERE}",
    errno.EDQUOT: f"Free some of what this user may keep there, {ELSEWHERE}",
    errno.EROFS: f"Let it be written, {ELSEWHERE}",
}
"""By the number of the error."""


@contextmanager
def explained() -> Iterator[None]:
    """Run the block, which keeps things in the data folder.

    Raises:
        FolderError: there is no room left, or nothing may be written there.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in ADVICE:
            raise
        where = f" to {error.filename}" if error.filename else ""
        raise FolderError(f"This machine cannot write{where} ({error.strerror}).", ADVICE[error.errno]) from error
