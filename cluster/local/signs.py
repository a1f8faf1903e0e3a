"""By which signs a process is known as one of a copy's: a program of ours, and the copy's own path as an option. Pure.

Names alone would mislead: another copy's folder may begin with the name of this one's, and a person may back up or read
what lies in it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from cluster.local.folder import DataFolder

Signs = Mapping[tuple[str, str], Path]
"""By program and option: the path that the option names, or that what it names lies below."""

WORKER = "ray::"
PYTHON = re.compile(r"python[\d.]*")


def of_ray(folder: DataFolder) -> Signs:
    """The signs of Ray's and Serve's processes."""
    return {
        ("cluster.local.ray_head", "--temp-dir"): folder.run,
        ("dashboard.py", "--temp-dir"): folder.run,
        ("gcs_server", "--log_dir"): folder.run,
        ("raylet", "--temp_dir"): folder.run,
        ("haproxy", "-f"): folder.run,
    }


def of_all(folder: DataFolder) -> Signs:
    """The signs of every process of a copy."""
    mine = {("mongod", "--dbpath"): folder.mongo, ("cluster.sandbox", "--data"): folder.sandbox}
    return {**of_ray(folder), **mine}


@dataclass(frozen=True, slots=True)
class Trace:
    """What a process shows of itself."""

    executable: str
    """The name of its file."""

    arguments: Sequence[str]
    """With the name it was called by in front."""

    def bears(self, signs: Signs) -> bool:
        """Whether it bears one of `signs`."""
        program = self._program()
        places = ((signs.get((program, option)), value) for option, value in self._options())
        return any(place is not None and Path(value).is_relative_to(place) for place, value in places)

    def is_worker(self) -> bool:
        """Whether it is one of Ray's workers, which call themselves by what they run."""
        return bool(PYTHON.fullmatch(self.executable)) and self.arguments[0].startswith(WORKER)

    def _program(self) -> str:
        """What runs: of Python the module, or the name of the script."""
        if not PYTHON.fullmatch(self.executable):
            return self.executable
        for before, word in pairwise(self.arguments):
            if before == "-m":
                return word
            if not word.startswith("-"):
                return Path(word).name
        return self.executable

    def _options(self) -> Iterator[tuple[str, str]]:
        """Options with their values, in either form: `--name value` and `--name=value`."""
        yield from pairwise(self.arguments)
        yield from ((name, value) for name, _, value in (each.partition("=") for each in self.arguments))
