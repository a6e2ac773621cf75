"""Errors of the network, which are neither the user's configuration nor a contradiction in the data."""

from __future__ import annotations

from recon_core.api import ReconError

__all__ = ["UnreachableError"]


class UnreachableError(ReconError):
    """Basketball-Reference could not be asked: network, refusal, block, or no answer in time."""

    exit_code = 3
