"""Tests that drive a real Chromium against the whole program."""
