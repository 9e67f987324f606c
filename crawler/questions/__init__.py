"""Requests about one repository at a time, between walk and snapshot: what to ask the Hub, and the answers kept."""
