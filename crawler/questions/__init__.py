"""Requests about single repositories, between walk and snapshot: what to ask the Hub, and the stored answers."""
