"""The embedded services of one machine: MongoDB, the Stripe sandbox, Ray, and the care for their processes."""
