"""Key templates: the layout of a dataset's keys, from values to key and back, in Python and in SQL."""

from __future__ import annotations

from recon_core.templates.ambiguity import find_ambiguity
from recon_core.templates.shapes import key_shape, sql_key_shape
from recon_core.templates.template import KeyTemplate, escape

__all__ = ["KeyTemplate", "escape", "find_ambiguity", "key_shape", "sql_key_shape"]
