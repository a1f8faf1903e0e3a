"""cluster.sale."""
