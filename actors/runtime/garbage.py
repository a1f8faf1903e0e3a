"""Python's cycle collector, set for a process that lives long and holds much."""

import gc

YOUNG_MAX, MIDDLE_MAX, OLD_MAX = 10_000, 20, 50
"""Objects until the youngest generation is looked through, and rounds until the next ones are: by default it is 700
objects, and a supervisor makes as many in a few milliseconds, nearly all of which die without the collector's help."""


def spare_what_stays() -> None:
    """Never look again through what exists now: modules, classes and connections, a third of a million objects.

    Call it once everything is loaded. At full load the collector would take a tenth of all processor time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_MAX, MIDDLE_MAX, OLD_MAX)
