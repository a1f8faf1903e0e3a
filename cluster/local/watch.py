"""Watching a running copy: what ends is shown in one line and started again."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from cluster.local.child import rotate
from cluster.local.console import Teller
from cluster.local.errors import OperatorError
from cluster.local.parts import SILENT_S_MAX, Part, Phase
from cluster.local.waiting import Patience

LOOK_S = 0.25
"""Pause between two looks at every part."""

PROBE_LOOKS = 20
"""A part that runs is asked whether it works every so many looks: about every 5 seconds."""


class Watch:
    """Looks at the parts, one after the other, again and again."""

    def __init__(self, parts: Sequence[Part], tell: Teller, started: Callable[[Part], None]) -> None:
        """`started` notes a part that was started again, if it can."""
        self._parts = parts
        self._tell = tell
        self._started = started
        self._silent: set[str] = set()

    def run(self, patience: Patience) -> None:
        """Keep the parts running until a signal. Raises `Stopped`."""
        looks = 0
        while True:
            looks += 1
            for part in self._parts:
                self.look(part, probe=looks % PROBE_LOOKS == 0)
            patience.pause(LOOK_S)

    def look(self, part: Part, *, probe: bool = False) -> None:
        """One look at one part; `probe` also asks a running one whether it works."""
        if part.phase is Phase.PAUSING:
            if part.clock() >= part.retry_at:
                self._start(part)
        elif not part.running():
            self._ended(part)
        elif part.phase is Phase.STARTING:
            self._await(part)
        elif probe:
            self._probe(part)

    def _ended(self, part: Part) -> None:
        assert part.child is not None
        self._again(part, part.child.fate())

    def _again(self, part: Part, why: str) -> None:
        """Say why a part is started again, and when; what still runs of it is ended then."""
        assert part.child is not None
        part.forgive()
        pause_s = part.postpone()
        when = f"in {pause_s:.0f} s" if pause_s else "now"
        self._tell.warn(f"{part.title} {why}; starting it again {when} (log: {part.child.log}).")

    def _start(self, part: Part) -> None:
        try:
            part.stop()
            part.begin()
        except (OperatorError, OSError) as error:
            # The other parts must stay watched meanwhile.
            self._tell.warn(f"{part.title} could not be started: {error} Next try in {part.postpone():.0f} s.")
        else:
            self._note(part)

    def _note(self, part: Part) -> None:
        # A full disk, perhaps: the part runs, and `down` and the next start know it by more than what is noted.
        with suppress(OSError):
            self._started(part)

    def _await(self, part: Part) -> None:
        if part.works():
            part.phase = Phase.WORKING
            self._silent.discard(part.name)
            self._tell.warn(f"{part.title} works again, {part.clock() - part.since:.1f} s after its start.")
        elif part.late():
            self._again(part, f"did not work within {part.start_s:.0f} s of its start")

    def _probe(self, part: Part) -> None:
        """Say once that a part runs and does not work, and once that it does again; start a silent one again."""
        if part.child:
            rotate(part.child.log)
        works = part.works()
        if works == (part.name in self._silent):
            self._silent ^= {part.name}
            how = "runs but does not answer" if part.name in self._silent else "answers again"
            self._tell.warn(f"{part.title} {how}.")
        part.mark(answered=works or part.answers())
        if part.silent():
            self._again(part, f"has not answered for {SILENT_S_MAX:.0f} s")
