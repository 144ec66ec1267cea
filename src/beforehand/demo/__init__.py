"""A small shop whose log is generated, to look at and to test with."""
