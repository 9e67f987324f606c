"""One record of the Hub as typed values and declared parents; licences. Pure functions."""
