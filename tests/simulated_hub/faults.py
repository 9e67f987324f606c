"""What goes wrong, and when."""

from simulated_hub.answers import Answer


class Faults:
    """The faults that are still to come."""

    def strike(self, answer: Answer, *, kind: str, url: str) -> None:
        """Spoil the answer as was asked for."""

    def add(self) -> None:
        """Expect a fault."""

    def clear(self) -> None:
        """Expect no more of them."""
