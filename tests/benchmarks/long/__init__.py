"""The long benchmarks: what a quick look cannot show. `make bench-long` runs them all."""
