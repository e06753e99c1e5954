"""Really training: tiny transformers of assignment 1, on this machine or on a Ray cluster, behind the service's seam."""

from assignment3_scaling.service.training.backend import TorchBackend
from assignment3_scaling.service.training.cluster import RayBackend

__all__ = ["RayBackend", "TorchBackend"]
