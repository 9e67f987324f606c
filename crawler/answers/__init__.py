"""Saved queries: reading them, their parameters, names of models, output formats; what snapshots tell without a database."""
