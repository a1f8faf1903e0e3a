"""The Stripe sandbox as its clients see it: its own process, the official SDK, a browser without scripts."""
