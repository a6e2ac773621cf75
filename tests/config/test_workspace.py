"""Where a workspace is, and where its files lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from recon_core.api import ConfigError, UsageError
from recon_core.workspace import CONFIG_FILE, INVENTORY_FILE, Workspace, find_workspace


def make(root: Path, file: str) -> Path:
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).touch()
    return root.resolve()


@pytest.mark.parametrize("file", [CONFIG_FILE, INVENTORY_FILE])
def test_it_is_found_upward(tmp_path: Path, file: str) -> None:
    root = make(tmp_path / "ws", file)
    deep = root / "a" / "b"
    deep.mkdir(parents=True)
    for cwd in (root, root / "a", deep):
        assert find_workspace(None, {}, cwd) == Workspace(root)


def test_the_nearest_one_wins(tmp_path: Path) -> None:
    make(tmp_path, CONFIG_FILE)
    inner = make(tmp_path / "x", INVENTORY_FILE)
    assert find_workspace(None, {}, inner / "inventory") == Workspace(inner)


def test_none_found_names_init(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        find_workspace(None, {}, tmp_path)
    assert str(raised.value) == (
        f"{tmp_path.resolve()} is in no workspace: neither it nor a folder above it holds "
        "config/reconciliation_config.yaml or inventory/data_inventory.yaml; make one here with `recon init`, or name "
        "one with -w"
    )


def test_an_option_beats_the_environment_and_that_the_folder(tmp_path: Path) -> None:
    here, option, variable = (make(tmp_path / name, CONFIG_FILE) for name in ("here", "option", "variable"))
    environ = {"RECON_WORKSPACE": str(variable)}
    assert find_workspace(option, environ, here).root == option
    assert find_workspace(None, environ, here).root == variable
    assert find_workspace(None, {"RECON_WORKSPACE": ""}, here).root == here
    assert find_workspace(Path("../option"), {}, here).root == option
    assert find_workspace(None, {"RECON_WORKSPACE": "../variable"}, here).root == variable


def test_a_named_folder_is_not_searched_upward(tmp_path: Path) -> None:
    root = make(tmp_path, CONFIG_FILE)
    with pytest.raises(UsageError) as raised:
        find_workspace(Path("config"), {}, root)
    assert str(raised.value) == (
        f"-w: {root}/config holds neither config/reconciliation_config.yaml nor inventory/data_inventory.yaml: name a "
        "workspace, or make this one with `recon init -w config`"
    )
    with pytest.raises(UsageError, match=r"^RECON_WORKSPACE: .*/nowhere is no folder: name a workspace, or make"):
        find_workspace(None, {"RECON_WORKSPACE": "nowhere"}, root)


def test_a_path_that_is_none(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for path in (loop, Path("a\0b")):
        with pytest.raises(UsageError, match=r"^-w: [^\n\0]+ is no folder"):
            find_workspace(path, {}, tmp_path)


def test_every_file_lies_inside(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    names = [name for name, value in vars(Workspace).items() if isinstance(value, property)]
    paths = [getattr(workspace, name) for name in names]
    assert len(set(paths)) == len(paths) > 15
    assert all(path.is_relative_to(tmp_path) for path in paths)
    assert workspace.queue_file == tmp_path / "inventory" / "gaps.json"
    assert workspace.last_run_file == tmp_path / "inventory" / "cache" / "last_run.json"
    assert workspace.schedule_file("acme", "2023-24") == tmp_path / "inventory/schedules/acme/2023-24.parquet"
    assert workspace.shown(workspace.snapshot_parquet) == "inventory/cache/snapshot.parquet"
    assert workspace.shown(Path("/elsewhere/a\nb")) == "/elsewhere/a\\nb"


@pytest.mark.parametrize(
    ("source", "season"), [("..", "2024"), ("a/b", "2024"), ("acme", ""), ("acme", "../../x"), ("a\n", "x")]
)
def test_no_schedule_file_lies_elsewhere(tmp_path: Path, source: str, season: str) -> None:
    with pytest.raises(ConfigError, match="a name has 1 to 64 letters"):
        Workspace(tmp_path).schedule_file(source, season)


@pytest.mark.parametrize("text", ["..", "../x", "a/../../x", "inventory/../.."])
def test_no_relative_output_lies_elsewhere(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match="leads out of the workspace"):
        Workspace(tmp_path / "ws").output_file(text)


@pytest.mark.parametrize(
    "text", [".", CONFIG_FILE, f"./{INVENTORY_FILE}", "/", "{root}", "{root}/config/reconciliation_config.yaml"]
)
def test_the_output_is_no_other_file(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match="is not a place for the task queue"):
        Workspace(tmp_path).output_file(text.format(root=tmp_path))


@pytest.mark.parametrize(
    "text", ["inventory/cache", "inventory/history/x.json", "inventory/schedules/acme/2024.parquet"]
)
def test_the_output_is_not_among_what_recon_keeps(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match="which recon keeps for itself"):
        Workspace(tmp_path).output_file(text)


def test_where_the_output_may_lie(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "ws")
    assert workspace.output_file("inventory/gaps.json") == workspace.queue_file
    assert workspace.output_file("out/./q.json") == tmp_path / "ws" / "out" / "q.json"
    assert workspace.output_file(f"{tmp_path}/q.json") == tmp_path / "q.json"
