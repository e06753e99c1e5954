"""Attention on a GPU: `python -m benchmarks.gpu` tests the compiled kernels, then measures them against their peers."""
