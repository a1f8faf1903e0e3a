"""Python's lock in a process in which one thread, that of the event loop, does nearly all the work.

Ray's main thread looks for signals a hundred times a second and needs the interpreter's lock for it. Once a thread has
waited for that for five milliseconds, Python takes the lock away from whoever holds it and lets nobody on before the
other has had it: on a full machine, where that one then stands in line for a processor, the event loop stands still.
Source: https://docs.python.org/3/library/sys.html#sys.setswitchinterval
"""

import sys

OTHERS_WAIT_S = 0.1
"""How long other threads wait before the lock is taken away for them. They get it sooner: whenever the event loop has
nothing to do, or is in the kernel."""


def favour_the_loop() -> None:
    """Let the event loop finish what it does. Call it in every process that serves."""
    sys.setswitchinterval(OTHERS_WAIT_S)
