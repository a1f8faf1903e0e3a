"""`boxoffice audit`: proves, or disproves, ticket by ticket, that nothing was oversold and no money was lost.

It asks nobody who could be wrong about himself: what MongoDB holds is compared with what Stripe holds. Reading is
streamed: memory is bounded by the orders of one ticket and by what looks wrong, never by the size of the system.
On a live system things are under way, so whatever looks wrong is looked at again before it counts.
"""
