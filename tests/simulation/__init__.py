"""The whole Box Office in one thread and in virtual time, with everything failing that can.

Real behaviours, real runtime, real payments task; a store, a network, processes, a Stripe and people that follow one
seeded random number generator. The same seed is the same run, to the last message:

    python -m tests.simulation 4711          # what happens under seed 4711, and the verdict
"""
