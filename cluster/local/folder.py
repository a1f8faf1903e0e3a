"""The data folder of one copy: where its parts keep what they know, and the lock that says who owns it."""

import contextlib
import errno
import fcntl
import hashlib
import os
import secrets
import stat
import tempfile
from pathlib import Path

from cluster.local.errors import FolderError

DATABASE = "boxoffice"
"""The database's usual name."""

TEMP_DIR_LENGTH_MAX = 20
"""HAProxy's socket lies 78 characters deeper and is renamed once, and 107 is the most there may be."""


class DataFolder:
    """Paths inside one data folder, and the run folder that belongs to it.

    The run folder holds what needs a short path (Ray's and HAProxy's unix sockets: a path of at most 107
    bytes) and nothing that must survive; its name is derived from the data folder, so the next start finds it.
    """

    def __init__(self, path: Path, database: str = DATABASE) -> None:
        """`path` need not exist yet; `database` is the one whose payments the sandbox takes."""
        self.path = path.expanduser().resolve()
        self._database = database
        digest = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:8]
        self.run = _short_temp_dir() / f"bo-{digest}"
        self._lock: int | None = None

    @property
    def logs(self) -> Path:
        """Logs of every part."""
        return self.path / "logs"

    @property
    def mongo(self) -> Path:
        """MongoDB's files."""
        return self.path / "mongo"

    @property
    def sandbox(self) -> Path:
        """The Stripe sandbox's state (SQLite): the payments of each database belong to an account of its own.

        The usual database's is under the name of its first format, so that old folders keep theirs.
        """
        usual = self._database == DATABASE
        return self.path / ("stripe-sandbox.json" if usual else f"stripe-sandbox-{self._database}.sqlite3")

    @property
    def record(self) -> Path:
        """The run record, see `cluster.local.record`."""
        return self.path / "run.json"

    @property
    def ray_token(self) -> Path:
        """The secret Ray's parts show each other: without it any user of this machine could run code as us."""
        return self.path / "ray-token"

    def claim(self) -> None:
        """Make the folders and lock this one until the process ends.

        Raises `FolderError`: not writable, or owned by a living copy.
        """
        try:
            for folder in (self.path, self.logs, self.mongo, self.run):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._demand_own_run_folder()
            self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise FolderError(
                f"The data folder {self.path} cannot be written ({error.strerror}).",
                "Choose another with BOXOFFICE_DATA_DIR (or --data-dir), or change its permissions.",
            ) from error
        if not self._try_lock():
            raise FolderError(
                f"The data folder {self.path} is in use by {self._owner()}.",
                "End that process (Ctrl-C, `boxoffice down` or `kill`), or choose another folder with --data-dir.",
            )
        with contextlib.suppress(OSError):  # a full disk: the lock holds without saying whose it is
            os.ftruncate(self._lock, 0)
            os.write(self._lock, str(os.getpid()).encode())

    def release(self) -> None:
        """Remove the run folder if nothing lies in it: a start that was refused leaves no trace."""
        with contextlib.suppress(OSError):
            self.run.rmdir()

    def _demand_own_run_folder(self) -> None:
        """Its name can be guessed: another user may have made it, or a link in its place. Raises `OSError`."""
        made = self.run.lstat()
        if not stat.S_ISDIR(made.st_mode) or made.st_uid != os.getuid():
            raise PermissionError(errno.EPERM, f"{self.run} belongs to somebody else")
        self.run.chmod(0o700)

    def _try_lock(self) -> bool:
        assert self._lock is not None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _owner(self) -> str:
        assert self._lock is not None
        pid = os.pread(self._lock, 20, 0).decode(errors="replace")
        return f"a running copy (process {pid})" if pid else "a running copy"

    def kept(self, name: str) -> str | None:
        """The secret in the file `name`, if one was ever made."""
        path = self.path / name
        return path.read_text(encoding="ascii").strip() if path.exists() else None

    def secret(self, name: str) -> str:
        """The secret kept in the file `name`, made at the first call: 64 hex digits, readable by the owner only."""
        path = self.path / name
        if not path.exists():
            # Written aside and renamed: a crash half-way must not leave an empty secret for ever.
            draft = path.with_suffix(".new")
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32))
            draft.rename(path)
        return path.read_text(encoding="ascii").strip()


def _short_temp_dir() -> Path:
    """The folder for temporary files, unless its name leaves too little room for a socket's path."""
    usual = tempfile.gettempdir()
    return Path(usual if len(usual) <= TEMP_DIR_LENGTH_MAX else "/tmp")
