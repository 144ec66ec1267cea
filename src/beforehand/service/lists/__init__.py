"""Conversations as lists: views, columns, lines, and how many wait in each."""
