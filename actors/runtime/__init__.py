"""The runtime: turns, snapshots, outboxes, routing, supervisors, placement and timers. It knows no ticket."""
