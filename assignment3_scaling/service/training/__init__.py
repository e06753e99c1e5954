"""Really training: tiny transformers of assignment 1, on this machine or on a Ray cluster, behind the service's seam.

`backend.TorchBackend` and `cluster.RayBackend` are the two backends; `python -m assignment3_scaling.service.training.campaign`
runs a small campaign and fits its laws. `learner` is imported by worker processes alone: it is where assignment 1 is.
"""
