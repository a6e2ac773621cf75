"""``python -m recon_core`` is ``recon``."""

from __future__ import annotations

from recon_core.cli.main import main

if __name__ == "__main__":
    main()
