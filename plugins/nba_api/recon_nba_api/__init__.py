"""The NBA's own statistics as a source for recon."""

__version__ = "0.1.0"
