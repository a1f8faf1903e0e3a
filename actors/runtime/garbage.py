"""Python's cycle collector, set for a process that lives long, holds much, and must not stand still."""

import asyncio
import gc

YOUNG_MAX = 10_000
"""Objects until the young are looked through, a millisecond or two; by default it is 700, and a supervisor makes as
many in a few milliseconds, nearly all of which die without the collector's help."""

NEVER = 1_000_000
OLD_EVERY_S = 600.0
"""How far looks at everything are apart. By itself the collector looks at all that has come since the last such look
whenever 100,000 objects have come: under load each supervisor then stands still for 50 ms every second or two. It found
35 objects to free in twelve such looks."""


def spare_what_stays() -> None:
    """Never look again through what exists now: modules, classes and connections, a third of a million objects.

    Call it in the process's event loop, once everything is loaded.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_MAX, NEVER, NEVER)
    asyncio.get_running_loop().call_later(OLD_EVERY_S, _look_at_all)


def _look_at_all() -> None:
    gc.collect()
    asyncio.get_running_loop().call_later(OLD_EVERY_S, _look_at_all)
