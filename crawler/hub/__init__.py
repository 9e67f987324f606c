"""The walk over the Hub's model list, and the archive of its pages."""
