"""The benchmarks: each figure beside its limit, or beside a peer that ran in the same minute on the same machine."""
