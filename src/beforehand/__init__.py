"""Beforehand: the whole journey of every customer, and whether needs were met before anybody had to ask."""

__version__ = "0.1.0"
