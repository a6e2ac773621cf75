"""Writes a result to stdout in the format that was asked for."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from typing import Any

from recon_core.cli.formats import OutputFormat
from recon_core.cli.render.blocks import Block
from recon_core.cli.streams import results

__all__ = ["emit"]


def emit(output: OutputFormat, document: Any, blocks: Callable[[], Iterable[Block]]) -> None:
    """Write one result: ``document`` as JSON, or ``blocks()`` as tables or Markdown.
    Raises DiskError when stdout cannot be written to; a closed pipe ends the writing silently.

    JSON is pure ASCII, so that nothing in it can act on a terminal, and yet holds every character exactly.
    """
    with results():
        if output is OutputFormat.json:
            json.dump(document, sys.stdout, indent=2, ensure_ascii=True, allow_nan=False)
            sys.stdout.write("\n")
        elif output is OutputFormat.markdown:
            from recon_core.cli.render.markdown import markdown_lines

            sys.stdout.writelines(f"{line}\n" for line in markdown_lines(blocks()))
        elif sys.stdout.isatty():
            from recon_core.cli.render.terminal import print_blocks

            print_blocks(blocks())
        else:
            from recon_core.cli.render.plain import plain_lines

            sys.stdout.writelines(f"{line}\n" for line in plain_lines(blocks()))
