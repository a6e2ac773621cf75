"""S3 Inventory reports: found, verified and fetched. What is in them is read by the engine.

``usable_reports`` goes through the committed reports of a lake, the newest first; ``fetch_report`` brings one's data
files onto the disk, each checked against its MD5.
"""

from recon_core.lake.inventory_report.conversion import mended
from recon_core.lake.inventory_report.coverage import Coverage, covered_prefix, relative_prefix
from recon_core.lake.inventory_report.discovery import Report, usable_reports
from recon_core.lake.inventory_report.errors import DamagedReportError, ReportError
from recon_core.lake.inventory_report.fetching import FetchedReport, fetch_report
from recon_core.lake.inventory_report.manifest import Manifest, ReportFile
from recon_core.lake.inventory_report.places import ReportPlace, as_bucket

__all__ = [
    "Coverage",
    "DamagedReportError",
    "FetchedReport",
    "Manifest",
    "Report",
    "ReportError",
    "ReportFile",
    "ReportPlace",
    "as_bucket",
    "covered_prefix",
    "fetch_report",
    "mended",
    "relative_prefix",
    "usable_reports",
]
