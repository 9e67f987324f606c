"""How open a model is, by the 14 criteria of Liesenfeld, Lopez & Dingemanse (2023), as far as the Hub's listing shows it."""
