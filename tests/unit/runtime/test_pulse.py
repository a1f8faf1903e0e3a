"""A process that was stopped knows it in the first round after."""

import asyncio

from actors.runtime.pulse import STOPPED_S, Pulse

from .fakes import virtually


@virtually
async def test_as_long_as_it_goes_round_it_beats() -> None:
    pulse = Pulse()
    for _ in range(100):
        await asyncio.sleep(0.7)
        assert not pulse.has_stopped()
    pulse.close()


@virtually
async def test_without_beats_it_was_stopped() -> None:
    pulse = Pulse()
    pulse.close()
    await asyncio.sleep(STOPPED_S)
    assert not pulse.has_stopped()
    await asyncio.sleep(0.1)
    assert pulse.has_stopped()
