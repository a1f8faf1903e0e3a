"""The way to Stripe, with a Stripe that says what it is told to."""
