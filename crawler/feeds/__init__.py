"""Feeds of what changes below a model, a data set, an owner's models or in a case: what happened, and how Atom says it."""
