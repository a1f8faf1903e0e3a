"""A process that is stopped (SIGSTOP) while it waits, and goes on: it does not hear what was said to it meanwhile."""

import asyncio
import os
import signal
import sys
from functools import partial

import psutil
import pytest

from actors.runtime.link import Link
from actors.runtime.listener import Reach
from actors.runtime.message import OutcomeUnknown
from actors.runtime.pulse import STOPPED_S
from tests.unit.runtime.fakes import envelope
from tests.unit.runtime.toy import Put
from tests.waiting import wait_for

LIMIT_S = 10

SERVER = """
import asyncio, importlib, sys
from tests.unit.runtime import toy
from actors.runtime.envelope import ACKNOWLEDGED
from actors.runtime.listener import Listener

def take(version, envelopes, say):
    for n, each in enumerate(envelopes):
        print("took", each.op, flush=True)
        say(n, ACKNOWLEDGED)

async def main():
    reach = await Listener(take).open("127.0.0.1")
    print(reach.port, reach.key.hex(), flush=True)
    await asyncio.sleep(60)

importlib.import_module(sys.argv[1]).run(main())
"""


def is_stopped(process: psutil.Process) -> bool:
    """Whether the system has stopped it."""
    return bool(process.status() == psutil.STATUS_STOPPED)


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
async def test_who_was_stopped_while_it_waited_grants_nobody_what_they_left(loop: str) -> None:
    server = await asyncio.create_subprocess_exec(sys.executable, "-c", SERVER, loop, stdout=asyncio.subprocess.PIPE)
    assert server.stdout is not None
    try:
        async with asyncio.timeout(STOPPED_S + 2 + LIMIT_S):
            port, key = (await server.stdout.readline()).split()

            async def find() -> Reach:
                return Reach("127.0.0.1", int(port), bytes.fromhex(key.decode()))

            link = Link(find, 4)
            await link.ask(envelope(Put(), "before"))

            # Given that it stands still for longer than people wait, and is asked meanwhile,
            os.kill(server.pid, signal.SIGSTOP)
            stands_still = partial(is_stopped, psutil.Process(server.pid))
            await asyncio.to_thread(wait_for, "the server to stand still", stands_still)
            left = link.ask(envelope(Put(), "left"))
            await asyncio.sleep(STOPPED_S + 2)  # that it was stopped for so long is the point

            # when it goes on, then it hangs up, and has begun nothing.
            os.kill(server.pid, signal.SIGCONT)
            assert isinstance(await left, OutcomeUnknown)
            assert link.is_lost
    finally:
        server.kill()
        heard = await server.stdout.read()
        await server.wait()
    assert heard.split() == [b"took", b"before"]
