"""Prints a pip constraint for each dependency of the given pyproject files: exactly its lower bound."""

import re
import sys
import tomllib
from pathlib import Path


def main(files: list[str]) -> None:
    for file in files:
        for line in tomllib.loads(Path(file).read_text(encoding="utf-8"))["project"]["dependencies"]:
            match = re.fullmatch(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?>=([0-9][0-9.]*)(?:,.*)?", line)
            if match is None:
                sys.exit(f"{file}: no lower bound in {line!r}")
            if not match[1].startswith("recon-"):
                print(f"{match[1]}=={match[2]}")  # noqa: T201


main(sys.argv[1:])
