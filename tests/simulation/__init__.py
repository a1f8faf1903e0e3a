"""The whole Box Office in one thread and in virtual time, with everything failing that can.

Real behaviours, real runtime, real payments task, webhooks and reconciliation; a store, a network, processes, a Stripe,
banks and people that follow one seeded random number generator, or a plan. The same seed is the same run, to the last
message:

    python -m tests.simulation 4711                             # what happens under seed 4711, and the verdict
    python -m tests.simulation pay_by_token 17.2 23.crash       # on this way: fault 2 at step 17, then a crash
"""
