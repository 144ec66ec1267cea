"""The measures of service, one in a file: how long customers wait, whether it was done, and whether it stayed so.

They read `service_clocks` (see `service/clocks/facts.py`). Every wait is there twice, in elapsed time and in working
time, and who still waits counts for as long as they have waited.
"""
