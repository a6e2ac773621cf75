"""The files of a new workspace: valid as they are, and when what they show is uncommented."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_core.api import ConfigError, DatasetSpec
from recon_core.config import (
    DatasetOverrides,
    LakeSettings,
    Settings,
    SourceCoverage,
    inventory_problems,
    load_inventory,
    load_settings,
    settings_problems,
)
from recon_core.config.reference import config_reference
from recon_core.config.yaml_core import parse
from recon_core.setup import SourceOutline, config_text, gitignore_text, inventory_text, workspace_files
from recon_core.workspace import Workspace

GAMES = DatasetSpec(
    data_type="play_by_play", grain=("game_id",), freshness_days=7, completeness_threshold=0.95, required=True
)
DAYS = DatasetSpec(data_type="days", grain=("date",), required=False, completeness_threshold=1.0)
ACME = SourceOutline(
    name="acme", title="Acme\nLeague: #1", datasets=[GAMES, DAYS], current="2024-25", previous="2023-24"
)
YOUNG = SourceOutline(name="null", title="", datasets=[DAYS], current="2025", previous=None)
FUTURE = SourceOutline(name="future", title="Later", datasets=[GAMES], current=None, previous=None)


def write(workspace: Workspace, files: dict[str, str]) -> None:
    for path, text in files.items():
        (workspace.root / path).write_text(text, encoding="utf-8")


def test_a_new_workspace_is_valid_and_expects_two_seasons(workspace: Workspace) -> None:
    files = workspace_files([ACME, YOUNG, FUTURE], "s3://bucket/raw")
    assert list(files) == ["inventory/data_inventory.yaml", "config/reconciliation_config.yaml", ".gitignore"]
    write(workspace, files)
    assert settings_problems(workspace) == []
    assert inventory_problems(workspace) == []
    assert load_settings(workspace) == Settings(lake=LakeSettings(url="s3://bucket/raw"))
    days = DatasetOverrides(required=False, completeness_threshold=1.0)
    assert dict(load_inventory(workspace).sources) == {
        "acme": SourceCoverage(
            name="acme",
            seasons=("current", "previous"),
            data_types={
                "play_by_play": DatasetOverrides(required=True, completeness_threshold=0.95, freshness_days=7.0),
                "days": days,
            },
        ),
        "null": SourceCoverage(name="null", seasons=("current",), data_types={"days": days}),
    }


def test_the_texts_teach() -> None:
    text = inventory_text([ACME])
    assert "  acme:  # Acme\\nLeague: #1\n" in text
    assert "# today 2024-25 and 2023-24; or labels: [2024-25, 2023-24]" in text
    for name in (
        *("min_size_bytes", "settle_days", "publish_lag_hours", "scraper", "minutes_per_file"),
        *("key_templates", "extra_key_templates", "prefix", "season_types"),
    ):
        assert f"#   {name}: " in text


def test_what_is_not_live_is_commented_out() -> None:
    text = inventory_text([FUTURE])
    live = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert live == ["expected_coverage:"]
    assert "  # future:  # Later\n" in text


def test_without_a_plugin_the_error_says_what_to_add(workspace: Workspace) -> None:
    write(workspace, workspace_files([], None))
    assert "install its plugin" in workspace.inventory_file.read_text(encoding="utf-8")
    with pytest.raises(ConfigError, match="expected_coverage: names no source, so nothing is expected: add one"):
        load_inventory(workspace)
    assert load_settings(workspace) == Settings()


def test_without_a_lake_the_url_is_an_example(workspace: Workspace) -> None:
    text = config_text(None)
    assert "\n  # url: s3://my-bucket\n" in text
    write(workspace, {"config/reconciliation_config.yaml": text})
    assert load_settings(workspace) == Settings()


# A commented-out key: an indent, "# ", and a key or a list entry.
SETTING = re.compile(r"^( *)# ((?:  )?(?:- )?[a-z_]+:(?: \S.*)?|    [a-z_]+: \S.*)$", re.MULTILINE)


def test_every_key_stands_in_the_configuration_and_is_valid_when_uncommented(workspace: Workspace) -> None:
    text = SETTING.sub(r"\1\2", config_text("file:///srv/lake"))
    write(workspace, {"config/reconciliation_config.yaml": text})
    assert settings_problems(workspace) == []
    written = set(flat(parse(text, "x").data))
    documented = {key.path.replace(".", "/") for key in config_reference() if key.file.startswith("config/")}
    assert written == documented
    settings = load_settings(workspace)
    assert settings.priorities.rules[0].name == "playoffs-first"
    assert settings.waivers[0].expires.year == 2026
    assert settings.lake.endpoint_url == "http://localhost:9000"
    # What is shown as a default is the default.
    assert (settings.scan, settings.task_queue, settings.targets, settings.engine) == (
        Settings().scan,
        Settings().task_queue,
        Settings().targets,
        Settings().engine,
    )


def flat(value: object, path: str = "") -> list[str]:
    """The path of every key: ``priorities/rules[]/name``."""
    found: list[str] = []
    if isinstance(value, dict):
        for key, inner in value.items():
            here = f"{path}/{key}" if path else str(key)
            found += [here, *flat(inner, here)]
    elif isinstance(value, list):
        for inner in value:
            found += flat(inner, f"{path}[]")
    return found


def test_git_leaves_out_what_is_generated_and_keeps_the_rest(workspace: Workspace) -> None:
    ignored = [line for line in gitignore_text().splitlines() if not line.startswith("#")]
    generated = (workspace.queue_file, workspace.cache_dir, workspace.history_dir)
    assert [line.strip("/") for line in ignored] == [workspace.shown(path) for path in generated]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_lake_url_is_written_as_it_is(url: str) -> None:
    """What the user names comes back, whatever is in it, so that `recon validate` can speak of it."""
    document = parse(config_text(url), "x")
    assert document.texts.get(("lake", "url"), document.data["lake"]["url"]) == url
    assert not document.problems


@given(st.text(max_size=40), st.text(max_size=20))
def test_any_title_and_label_leave_the_file_valid(title: str, label: str) -> None:
    outline = SourceOutline(name="acme", title=title, datasets=[GAMES], current=label, previous=None)
    document = parse(inventory_text([outline]), "x")
    assert not document.problems
    assert document.data["expected_coverage"]["acme"]["seasons"] == ["current"]
