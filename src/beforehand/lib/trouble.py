"""Trouble that a person can do something about."""


class Trouble(Exception):
    """Its text says in plain words what is wrong and what to do next: pages and commands show it as it is."""
