"""What the text of a card says of a model's parents. Pure functions."""

from typing import Final

# The version of the rules. It is kept with what was read, so that a card that older rules read is read again.
READER: Final = 1
