from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.command_line import NOW, Inside, Recon, command, install_toy, make_workspace
from support.fake_distributions import Site


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Where the source ``toy`` is installed."""
    return install_toy(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def recon(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Recon:
    """The installed command with the source ``toy``, in a folder that is no workspace."""
    base = tmp_path_factory.mktemp("base")
    (base / "home").mkdir()
    (base / "nowhere").mkdir()
    return command(base / "nowhere", base / "home", site)


@pytest.fixture(scope="session")
def template(recon: Recon, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose schedules are stored and whose cycle has been run as of ``NOW``; to be copied, not changed."""
    root = tmp_path_factory.mktemp("template") / "ws"
    make_workspace(root)
    here = recon.at(root)
    here("schedules", "import", "games.csv", "--source", "toy", "--pulled-at", "2024-06-18T00:00:00Z", "--now", NOW)
    here("run", "--now", NOW)
    return root


@pytest.fixture(scope="session")
def done(recon: Recon, template: Path, site: Site) -> Inside:
    """The command in the workspace whose cycle has been run. Only for commands that change nothing."""
    return Inside(template, recon.environment, site)


@pytest.fixture(scope="session")
def outside(recon: Recon, template: Path) -> Recon:
    """As ``done``, as a process."""
    return recon.at(template)


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Path:
    """A copy of the workspace for one test, on the same lake."""
    root = tmp_path / "ws"
    shutil.copytree(template, root, ignore=shutil.ignore_patterns("lake"))
    return root


@pytest.fixture
def here(recon: Recon, workspace: Path) -> Recon:
    """The command in a workspace of the test's own, as a process."""
    return recon.at(workspace)


@pytest.fixture
def mine(recon: Recon, workspace: Path, site: Site) -> Inside:
    """The command in a workspace of the test's own."""
    return Inside(workspace, recon.environment, site)


@pytest.fixture(scope="session")
def tree() -> Callable[[Path], dict[str, bytes]]:
    """What a folder holds, to see whether anything was written."""

    def read(root: Path) -> dict[str, bytes]:
        return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}

    return read
