"""The difference between two snapshots: what the graph gains, what changes in it, what it loses."""
