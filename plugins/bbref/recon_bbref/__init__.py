"""Basketball-Reference as a source for recon."""

__version__ = "0.1.0"
