"""cluster.audit."""
