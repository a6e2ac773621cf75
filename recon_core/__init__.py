"""recon: what should be in a data lake, what is there, and the task queue that closes the gap."""

__version__ = "0.1.0"
