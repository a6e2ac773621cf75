"""Why an item has its verdict, or what an object is: the expectation, the evidence, the verdict, the rule, the task."""

from recon_core.explain.explaining import explain

__all__ = ["explain"]
