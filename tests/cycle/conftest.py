"""A workspace of the source ``toy`` whose cycle has been run, and the installed command in it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.command_line import NOW, Inside, Recon, command, install_toy, make_workspace
from support.fake_distributions import Site


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return install_toy(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def recon(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Recon:
    base = tmp_path_factory.mktemp("base")
    # A disk that takes no more would leave half a compiled module behind, and not only in the test's folder.
    return command(base, base, site).at(base, PYTHONDONTWRITEBYTECODE="1")


@pytest.fixture(scope="session")
def template(recon: Recon, site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("template") / "ws"
    make_workspace(root)
    inside = Inside(root, recon.environment, site)
    inside("schedules", "import", "games.csv", "--source", "toy", "--pulled-at", "2024-06-18T00:00:00Z", "--now", NOW)
    inside("run", "--now", NOW)
    return root


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Path:
    """A copy for one test, on the same lake."""
    root = tmp_path / "ws"
    shutil.copytree(template, root, ignore=shutil.ignore_patterns("lake"))
    return root


@pytest.fixture
def here(recon: Recon, workspace: Path) -> Recon:
    """The command as a process."""
    return recon.at(workspace)


@pytest.fixture
def mine(recon: Recon, workspace: Path, site: Site) -> Inside:
    """The command in this process."""
    return Inside(workspace, recon.environment, site)
