"""What happens to the processes: they are killed, doubled and paused, and in the end they are healed."""

import asyncio
from typing import TYPE_CHECKING

from .faults import STEPS
from .process import Place, Process

if TYPE_CHECKING:
    from .world import World

TWINS = 0.35
"""In how many schedules two copies live side by side from the beginning."""


class Havoc:
    """Runs beside the people until the faults end."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._places = list(world.copies)
        self.pauses: list[Process] = []

    async def run(self, for_s: float) -> None:
        """Kill, double and pause for a while; keep every place manned most of the time."""
        world = self._world
        self._begin()
        end_s = world.loop.time() + for_s
        while world.loop.time() < end_s:
            await asyncio.sleep(world.chance.between(0.05, 0.6))
            self._strike(world.chance.pick(self._places))
            for place in self._places:
                if not world.live(place) and world.chance.hit(0.4):
                    self._man(place)

    def _begin(self) -> None:
        """One copy everywhere; in some schedules two, in many places and for good."""
        twins = self._world.chance.hit(TWINS)
        for place in self._places:
            self._man(place)
            if twins and self._world.chance.hit(0.7):
                self._world.faults.counts["second copy"] += 1
                self._man(place)

    def _man(self, place: Place) -> Process:
        """Start a copy, which may be fated to die at some step."""
        process = self._world.start(place)
        step = self._world.chance.pick(STEPS)
        if self._world.faults.is_in_play(f"killed at {step}") and self._world.chance.hit(0.7):
            process.crash_at = (step, self._world.chance.number(1, 8))
        return process

    def _strike(self, place: Place) -> None:
        world = self._world
        match world.faults.draw(("killed at random", "second copy", "paused")):
            case "killed at random":
                for process in world.live(place):
                    process.kill("at random")
            case "second copy":
                self._man(place)
                world.loop.call_later(world.chance.between(0.3, 6), self._thin, place)
            case "paused":
                self._pause(place)

    def _pause(self, place: Place) -> None:
        """Somebody thinks that a paused process is dead and starts another; then it wakes up."""
        live = self._world.live(place)
        if live:
            self._world.chance.pick(live).pause()
            self._man(place)
            self._world.loop.call_later(self._world.chance.between(0.2, 10), self._wake, place)

    def _wake(self, place: Place) -> None:
        for process in self._world.live(place):
            process.resume()
        self._world.loop.call_later(self._world.chance.between(0.3, 4), self._thin, place)

    def _thin(self, place: Place) -> None:
        """One copy too many goes: the old one or the new one."""
        live = self._world.live(place)
        if len(live) > 1:
            self._world.chance.pick(live).kill("one copy too many")

    def heal(self) -> None:
        """No more faults, and one copy of every supervisor, which may be one that slept through it all."""
        self._world.faults.are_on = False
        self._world.healed_at = self._world.clock.now()
        for place in self._places:
            live = self._world.live(place)
            survivor = self._world.chance.pick(live) if live else self._world.start(place)
            survivor.crash_at = None
            for process in live:
                process.resume()
                if process is not survivor:
                    process.kill("healed")
