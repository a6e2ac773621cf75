"""A workspace to try things in: a made-up league and a lake with planted faults, built offline in seconds."""

from recon_core.demo.build import Demo, build_demo

__all__ = ["Demo", "build_demo"]
