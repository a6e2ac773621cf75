"""hoopR's season files as a source for recon."""

__version__ = "0.1.0"
