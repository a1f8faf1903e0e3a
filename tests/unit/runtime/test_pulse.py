"""A process that was stopped knows it in the first round after."""

import asyncio

from actors.runtime.pulse import BEAT_S, DEAF_S, STOPPED_S, Pulse

from .fakes import now_s, virtually


@virtually
async def test_as_long_as_it_goes_round_it_beats() -> None:
    stops: list[float] = []
    pulse = Pulse(lambda: stops.append(now_s()))
    for _ in range(100):
        await asyncio.sleep(0.7)
        assert not pulse.has_stopped()
    pulse.close()
    assert stops == []


@virtually
async def test_without_beats_it_was_stopped() -> None:
    pulse = Pulse(lambda: None)
    pulse.close()
    await asyncio.sleep(STOPPED_S)
    assert not pulse.has_stopped()
    await asyncio.sleep(0.1)
    assert pulse.has_stopped()


@virtually
async def test_a_beat_that_comes_late_says_so_and_what_is_heard_with_it_is_old() -> None:
    stops: list[float] = []
    pulse = Pulse(lambda: stops.append(now_s()))
    pulse._beat_s -= 60
    await asyncio.sleep(BEAT_S)
    assert (stops, pulse.has_stopped()) == ([BEAT_S], True)
    await asyncio.sleep(DEAF_S)
    assert not pulse.has_stopped()
    pulse.close()
