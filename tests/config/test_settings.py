"""reconciliation_config.yaml: typed values, and the exact line for everything that can be wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from recon_core.api import ConfigError
from recon_core.config import (
    EngineSettings,
    LakeSettings,
    PrioritySettings,
    ReportSettings,
    RuleSettings,
    ScanSettings,
    Settings,
    TargetSettings,
    TaskQueueSettings,
    WaiverSettings,
    load_settings,
    settings_problems,
)
from recon_core.workspace import Workspace

Write = Callable[[str], Workspace]

FULL = """\
lake:
  url: s3://bucket/raw data/
  endpoint_url: http://localhost:9000
  region: eu-central-1
  profile: 0815
  anonymous: true
  prefixes: [raw/, 2024]
scan:
  mode: inventory_report
  sample_rate: null
  seed: 3
  workers: 4
  cache_ttl_hours: 1
  max_gap_evidence_hours: 0.5
  inventory_report:
    {destination: "s3://reports/x", config_id: 0815, filter_prefix: "", margin_hours: 1, max_age_hours: 2,
     fallback: false, list_afresh: false}
priorities:
  recent_days: 14
  rules:
    - name: first
      when: age_days < 3
      priority: CRITICAL
    - {name: second, when: season = '2024-25', priority: LOW}
task_queue:
  batch_size: 50.0
  max_tasks: 10
  max_tasks_per_priority: 5
  output_file: out/queue.json
waivers:
  - when: season = '2001-02'
    reason: no data
    expires: 2026-06-30
targets: {scan: 1, analyze: null, detect: 2.5, generate: 3}
engine: {memory_limit_mb: 2048, threads: 2}
"""


def test_every_key(with_settings: Write) -> None:
    settings = load_settings(with_settings(FULL))
    at = "config/reconciliation_config.yaml"
    assert settings == Settings(
        lake=LakeSettings(
            url="s3://bucket/raw data/",
            endpoint_url="http://localhost:9000",
            region="eu-central-1",
            profile="0815",
            anonymous=True,
            prefixes=("raw/", "2024"),
        ),
        scan=ScanSettings(
            mode="inventory_report",
            seed=3,
            workers=4,
            cache_ttl_hours=1.0,
            max_gap_evidence_hours=0.5,
            inventory_report=ReportSettings(
                destination="s3://reports/x",
                config_id="0815",
                filter_prefix="",
                margin_hours=1.0,
                max_age_hours=2.0,
                fallback=False,
                list_afresh=False,
            ),
        ),
        priorities=PrioritySettings(
            recent_days=14.0,
            rules=(
                RuleSettings(
                    name="first",
                    when="age_days < 3",
                    priority="CRITICAL",
                    where=f"{at}:22: priorities.rules[0].when",
                ),
                RuleSettings(
                    name="second",
                    when="season = '2024-25'",
                    priority="LOW",
                    where=f"{at}:24: priorities.rules[1].when",
                ),
            ),
        ),
        task_queue=TaskQueueSettings(
            batch_size=50, max_tasks=10, max_tasks_per_priority=5, output_file="out/queue.json"
        ),
        waivers=(
            WaiverSettings(
                when="season = '2001-02'",
                reason="no data",
                expires=date(2026, 6, 30),
                where=f"{at}:31: waivers[0].when",
            ),
        ),
        targets=TargetSettings(scan=1.0, analyze=None, detect=2.5, generate=3.0),
        engine=EngineSettings(memory_limit_mb=2048, threads=2),
    )
    assert isinstance(settings.task_queue.batch_size, int)
    assert isinstance(settings.priorities.recent_days, float)
    assert settings.where("lake", "url") == f"{at}:2: lake.url"
    assert settings_problems(with_settings(FULL)) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "{}",
        "lake:\nscan:\npriorities:\ntask_queue:\nwaivers:\ntargets:\nengine:\n",
        "lake: {prefixes: }",
    ],
)
def test_an_empty_file_means_the_defaults(with_settings: Write, text: str) -> None:
    assert load_settings(with_settings(text)) == Settings()
    assert load_settings(with_settings("priorities: {rules: }")) == Settings()


# What is wrong, and the only line said about it (without the file's name).
WRONG = [
    ("scan: {seed: -3}", "1: scan.seed: -3 is less than 0"),
    ("scan: {workers: 1000}", "1: scan.workers: 1000 is more than 256"),
    ("scan: {max_gap_evidence_hours: 0}", "1: scan.max_gap_evidence_hours: 0 is not more than 0"),
    ("scan:\n  cache_ttl_hours: abc", "2: scan.cache_ttl_hours: 'abc' is not a number"),
    ("scan:\n  cache_ttl_hours: '24'", "2: scan.cache_ttl_hours: '24' is not a number"),
    ("scan: {cache_ttl_hours: .nan}", "1: scan.cache_ttl_hours: .nan is not a finite number"),
    ("scan: {cache_ttl_hours: 1e999}", "1: scan.cache_ttl_hours: 1e999 is not a finite number"),
    (
        f"scan: {{cache_ttl_hours: -{'9' * 400}}}",
        f"1: scan.cache_ttl_hours: -{'9' * 59}… is not a finite number",
    ),
    (f"scan: {{seed: 1{'0' * 2999}}}", f"1: scan.seed: 1{'0' * 59}… is more than 4294967295"),
    (f"scan: {{seed: 1{'0' * 9999}}}", f"1: scan.seed: 1{'0' * 59}… is not a finite number"),
    (f"scan: {{seed: 0x{'f' * 2998}}}", f"1: scan.seed: 0x{'f' * 58}… is more than 4294967295"),
    (f"scan: {{seed: 0x{'f' * 9999}}}", f"1: scan.seed: 0x{'f' * 58}… is not a finite number"),
    ("scan: {cache_ttl_hours: [1]}", "1: scan.cache_ttl_hours: a list is not a number"),
    ("task_queue: {batch_size: 2.5}", "1: task_queue.batch_size: 2.5 is not a whole number"),
    ("task_queue: {batch_size: -.inf}", "1: task_queue.batch_size: -.inf is not a finite number"),
    ("task_queue: {batch_size: 025}", "1: task_queue.batch_size: '025' is not a whole number"),
    ("task_queue:\n  batch_size:", "2: task_queue.batch_size: an empty value is not a whole number"),
    ("task_queue: {max_tasks: true}", "1: task_queue.max_tasks: true is not a whole number"),
    ("lake: {anonymous: yes}", "1: lake.anonymous: 'yes' is not true or false"),
    ("lake: {region: true}", "1: lake.region: true is not text: put it in quotes"),
    ("lake: {region: ''}", "1: lake.region: the text is empty"),
    ("lake: {prefixes: raw/}", "1: lake.prefixes: 'raw/' is not a list"),
    ("lake: {prefixes: [null]}", "1: lake.prefixes[0]: null is not text"),
    ("lake:\n  prefixes:\n    - a\n    - b\n    - a", "5: lake.prefixes[2]: 'a' stands in the list twice"),
    ("lake: s3://bucket", "1: lake: 's3://bucket' is not a mapping of keys"),
    (
        "lake: {url: bucket}",
        (
            "1: lake.url: 'bucket': expected s3://bucket, s3://bucket/prefix or file:///path, without user name, "
            "password or query"
        ),
    ),
    (
        "lake: {endpoint_url: localhost}",
        "1: lake.endpoint_url: 'localhost': expected http://host or https://host, without user name, password or query",
    ),
    (
        "scan: {mode: list}",
        "1: scan.mode: 'list': expected one of: listing, inventory_report (did you mean 'listing'?)",
    ),
    ("scan: {sample_rate: 0}", "1: scan.sample_rate: 0 is not more than 0"),
    (
        "scan: {inventory_report: {manifest: x}}",
        (
            "1: scan.inventory_report.manifest: unknown key; expected one of: destination, config_id, "
            "filter_prefix, margin_hours, max_age_hours, fallback, list_afresh"
        ),
    ),
    (
        "scan: {inventory_report: {destination: my-reports/inventory}}",
        "1: scan.inventory_report.destination: 'my-reports/inventory': expected s3://bucket or s3://bucket/prefix",
    ),
    (
        "scan: {inventory_report: {config_id: a b}}",
        (
            "1: scan.inventory_report.config_id: 'a b': an inventory configuration's name has 1 to 64 letters, digits, "
            "dots, underscores or hyphens"
        ),
    ),
    ("scan: {inventory_report: {margin_hours: -1}}", "1: scan.inventory_report.margin_hours: -1 is less than 0"),
    ("scan: {inventory_report: {max_age_hours: 0}}", "1: scan.inventory_report.max_age_hours: 0 is not more than 0"),
    ("sacn: {}", "1: sacn: unknown key (did you mean 'scan'?)"),
    ("scan: {cache-ttl-hours: 3}", "1: scan.cache-ttl-hours: unknown key (did you mean 'cache_ttl_hours'?)"),
    ("engine: {RAM: 3}", "1: engine.RAM: unknown key; expected one of: memory_limit_mb, threads"),
    (
        "\nfoo.bar: 3",
        '2: "foo.bar": unknown key; expected one of: lake, scan, priorities, task_queue, waivers, targets, engine',
    ),
    ("scan:\n  seed: 1\n  seed: 2", "3: scan.seed: the same key stands on line 2 already: keep one of them"),
    ("scan: {seed: &a 1}", "1: scan.seed: an anchor (&): write the value out where it is needed"),
    ("scan: {seed: *a}", "1: scan.seed: an alias (*): write the value out"),
    ("- 1", "1: a list is not a mapping of keys"),
    ("text", "1: 'text' is not a mapping of keys"),
    ("priorities:\n  rules:\n    - name: x\n      when: a", "3: priorities.rules[0]: the key 'priority' is missing"),
    (
        "priorities: {rules: [{name: x, when: a, priority: high}]}",
        "1: priorities.rules[0].priority: 'high': expected one of: CRITICAL, HIGH, MEDIUM, LOW (did you mean 'HIGH'?)",
    ),
    (
        "priorities: {rules: [{name: a b, when: a, priority: LOW}]}",
        (
            "1: priorities.rules[0].name: 'a b': a name has 1 to 64 letters, digits, dots, underscores or hyphens, "
            "and begins with a letter or a digit"
        ),
    ),
    (
        'priorities: {rules: [{name: "a\\n", when: a, priority: LOW}]}',
        (
            "1: priorities.rules[0].name: 'a\\n': a name has 1 to 64 letters, digits, dots, underscores or hyphens, "
            "and begins with a letter or a digit"
        ),
    ),
    (
        "priorities:\n  rules:\n    - {name: x, when: a, priority: LOW}\n    - {name: x, when: b, priority: LOW}",
        "4: priorities.rules[1].name: a second rule has the name 'x': rename it",
    ),
    ("priorities: {rules: {}}", "1: priorities.rules: a mapping is not a list"),
    ("waivers: [{when: a, reason: b}]", "1: waivers[0]: the key 'expires' is missing"),
    (
        "waivers: [{when: a, reason: ' ', expires: 2025-01-01}]",
        "1: waivers[0].reason: ' ': say why these items are accepted",
    ),
    (
        "waivers: [{when: a, reason: b, expires: 20250101}]",
        "1: waivers[0].expires: '20250101': expected a date such as 2025-12-31",
    ),
    ("waivers: [{when: a, reason: b, expires: 2025-02-30}]", "1: waivers[0].expires: the calendar has no 2025-02-30"),
    (
        "task_queue: {output_file: ../gaps.json}",
        "1: task_queue.output_file: the path leads out of the workspace: give an absolute path if that is meant",
    ),
    (
        "task_queue: {output_file: inventory/data_inventory.yaml}",
        "1: task_queue.output_file: the path is not a place for the task queue: name a file of its own",
    ),
    (
        "task_queue: {output_file: inventory/x/../cache/a.json}",
        "1: task_queue.output_file: the path lies in inventory/cache/, which recon keeps for itself",
    ),
    ('task_queue: {output_file: "a\\0b"}', "1: task_queue.output_file: 'a\\x00b': a path has no control characters"),
]


@pytest.mark.parametrize(("text", "expected"), WRONG)
def test_what_is_wrong_is_said_in_one_line(with_settings: Write, text: str, expected: str) -> None:
    workspace = with_settings(text)
    line = f"config/reconciliation_config.yaml:{expected}"
    assert settings_problems(workspace) == [line]
    with pytest.raises(ConfigError) as raised:
        load_settings(workspace)
    assert str(raised.value) == line


def test_all_problems_by_line_and_the_first_with_a_count(with_settings: Write) -> None:
    workspace = with_settings("engine:\n  threads: 0\nlake: {regoin: a}\nscan:\n  seed: x\n  seed: y\n")
    lines = [
        "config/reconciliation_config.yaml:2: engine.threads: 0 is less than 1",
        "config/reconciliation_config.yaml:3: lake.regoin: unknown key (did you mean 'region'?)",
        "config/reconciliation_config.yaml:5: scan.seed: 'x' is not a whole number",
        "config/reconciliation_config.yaml:6: scan.seed: the same key stands on line 5 already: keep one of them",
    ]
    assert settings_problems(workspace) == lines
    with pytest.raises(ConfigError) as raised:
        load_settings(workspace)
    assert str(raised.value) == f"{lines[0]} (and 3 more: run `recon validate`)"


def test_no_message_shows_a_secret(with_settings: Write) -> None:
    secret = "hunter2"  # what must not be seen
    for text in (
        f"lake: {{url: 's3://user:{secret}@bucket/x'}}",
        f"lake: {{url: 's3://bucket/x?token={secret}'}}",
        f"lake: {{endpoint_url: 'https://user:{secret}@host?key={secret}#{secret}'}}",
        f"lake: 's3://me:{secret}@bucket'",
        f"scan: {{mode: 'see https://me:{secret}@host/a?b={secret} there'}}",
    ):
        (line,) = settings_problems(with_settings(text))
        assert secret not in line
        assert "://" in line


def test_no_message_shows_control_characters_or_endless_text(with_settings: Write) -> None:
    (line,) = settings_problems(with_settings(f'scan: {{seed: "\\e[31m\\n{"x" * 500}"}}'))
    assert line.startswith("config/reconciliation_config.yaml:1: scan.seed: '\\x1b[31m\\nxxx")
    assert line.endswith("x…' is not a whole number")
    assert len(line) < 150
    (line,) = settings_problems(with_settings('"\\e[31m": 1'))
    assert line.startswith('config/reconciliation_config.yaml:1: "\\x1b[31m": unknown key')


def test_a_missing_file_names_init(workspace: Workspace) -> None:
    expected = r"^config/reconciliation_config\.yaml: there is no such file: make one with `recon init`$"
    with pytest.raises(ConfigError, match=expected):
        load_settings(workspace)
    with pytest.raises(ConfigError, match=expected):
        settings_problems(workspace)


def test_an_absolute_output_file_may_lie_anywhere(with_settings: Write, tmp_path: Path) -> None:
    workspace = with_settings(f"task_queue: {{output_file: '{tmp_path}/elsewhere/gaps.json'}}")
    found = workspace.output_file(load_settings(workspace).task_queue.output_file)
    assert found == tmp_path / "elsewhere" / "gaps.json"
