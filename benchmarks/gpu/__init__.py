"""On a GPU: `python -m benchmarks.gpu` tests the attention kernels, compiled, and measures them; `.grpo` measures a training loop."""
