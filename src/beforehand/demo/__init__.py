"""A simulated company with known truth, to look at, to test with and to judge with."""
