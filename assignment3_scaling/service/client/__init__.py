"""Clients of the training API: over HTTP, in process, and on the command line (`python -m assignment3_scaling.service.client`)."""

from assignment3_scaling.service.client.http import HttpClient
from assignment3_scaling.service.client.in_process import InProcessClient
from assignment3_scaling.service.client.interface import Client

__all__ = ["Client", "HttpClient", "InProcessClient"]
