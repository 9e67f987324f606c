"""Pictures of a family: its rows, where they stand, and how each format writes them. Pure functions."""
