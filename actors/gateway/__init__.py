"""The way to Stripe: the payments service's task, which works outside of turns."""
