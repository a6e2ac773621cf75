"""What keeps a report from being used. A run may then list the lake instead."""

from __future__ import annotations

from recon_core.api.errors import LakeError

__all__ = ["DamagedReportError", "ReportError"]


class ReportError(LakeError):
    """No report can be used; the message says why, and what to do."""


class DamagedReportError(ReportError):
    """This report cannot be used; an older one may."""
