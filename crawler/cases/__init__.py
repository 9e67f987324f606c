"""The case register: requests for rights with their terms, the models that they concern, and what was done about each."""
