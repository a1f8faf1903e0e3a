"""The rules of the Stripe sandbox, without its server."""
