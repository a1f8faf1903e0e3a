"""An office that is measured: all its processes, and its end."""

import subprocess

from tests.benchmarks.family import Family
from tests.integration.office import Office

END_S = 60.0
"""How long an office may take to end everything in order."""


def family_of(office: Office) -> Family:
    """All processes of an office that was started."""
    assert office.process is not None
    pid = office.process.pid
    return Family(lambda: [pid])


def end(office: Office) -> None:
    """Ask it to end, and wait until it has; after `END_S` seconds kill it, with all that it started.

    SIGTERM, for who is started in the background of a shell does not hear Ctrl-C.
    """
    if office.process is None or office.process.poll() is not None:
        return
    everyone = family_of(office)
    everyone.resume()  # who is held still would not hear of it
    office.process.terminate()
    try:
        office.process.wait(END_S)
    except subprocess.TimeoutExpired:
        everyone.kill()
        office.process.wait()
