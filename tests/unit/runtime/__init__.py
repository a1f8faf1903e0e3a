"""The runtime, part by part, on a toy: jars that hold coins. No ticket, no Ray, no database, no real time."""
