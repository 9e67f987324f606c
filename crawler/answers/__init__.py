"""Saved queries: reading them, their parameters, names of models, output formats."""
