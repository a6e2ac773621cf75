"""Errors of the network, which are neither the user's configuration nor a contradiction in the data."""

from __future__ import annotations

from recon_core.api import ReconError

__all__ = ["NotPublishedError", "UnreachableError"]


class UnreachableError(ReconError):
    """hoopR's releases could not be asked: network, refusal, or no answer in time."""

    exit_code = 3


class NotPublishedError(UnreachableError):
    """The release has no such file: of a season to come it is not there yet."""
