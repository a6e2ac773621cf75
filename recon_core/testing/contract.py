"""What every plugin promises, as tests to inherit."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest

from recon_core.api import DatasetSpec, Game, Items, LakeError, ReconError, Season, Undetermined
from recon_core.engine.expressions import compile_rule
from recon_core.plugins import Plugin, PluginCallError, load_plugin, needs_enumeration, season_tellers
from recon_core.testing.context import FakeContext
from recon_core.testing.expected import expected_keys
from recon_core.testing.fuzzing import damaged, texts_in
from recon_core.testing.games import fuzzed_game, fuzzed_text, make_game
from recon_core.text import shown

__all__ = ["PluginContract"]

_FUZZED = 60


class PluginContract:
    """Inherit from it, name the plugin, and give the fixtures that its schedule needs.

    ``plugin`` is the module (or class, or instance) that the entry point names. ``now`` and ``season`` (a label; the
    latest that has started, if it is ``None``) say what is enumerated. ``heavy`` are modules that importing the plugin
    must not pull in.

    Fixtures to override: ``documents``, what the schedule is made from (bodies by key or path; mutable, since the tests
    damage them), and ``context``, which has to lead the plugin to them: by default they are the files of its lake.
    """

    plugin: ClassVar[Any]
    now: ClassVar[datetime] = datetime(2025, 1, 15, 12, tzinfo=UTC)
    season: ClassVar[str | None] = None
    heavy: ClassVar[frozenset[str]] = frozenset(
        {"aiohttp", "bs4", "boto3", "botocore", "duckdb", "html5lib", "httpx", "lxml", "nba_api", "numpy", "pandas"}
        | {"polars", "pyarrow", "requests", "rich", "selectolax", "sqlglot", "tenacity", "typer"}
    )

    # What to override.

    @pytest.fixture
    def documents(self) -> MutableMapping[str, bytes]:
        """What the schedule is made from: by key for a lake's files, by path for a server's answers."""
        return {}

    @pytest.fixture
    def context(self, loaded: Plugin, documents: MutableMapping[str, bytes], tmp_path: Path) -> FakeContext:
        """What the plugin is given when it enumerates."""
        scratch = tmp_path / "scratch"
        return FakeContext(plugin=loaded, now=self.now, lake=documents, scratch=scratch, from_lake=bool(documents))

    # What is made of it.

    @pytest.fixture
    def loaded(self) -> Plugin:
        """The plugin, loaded as recon loads it: hooks, declarations and key templates are checked."""
        return load_plugin(self.plugin)

    @pytest.fixture
    def chosen(self, loaded: Plugin) -> Season:
        """The season that is enumerated."""
        started = [season for season in loaded.seasons if season.starts <= self.now.date()]
        wanted = [season for season in loaded.seasons if season.label == self.season] if self.season else started[-1:]
        assert wanted, f"the plugin has no season {self.season or f'that has started at {self.now}'}"
        return wanted[0]

    @pytest.fixture
    def offline(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """No way out of this machine: what is tested must come from fixtures."""
        connect = socket.socket.connect

        def guarded(own: socket.socket, address: Any) -> None:
            host = address[0] if isinstance(address, tuple) else ""
            if host not in ("", "127.0.0.1", "::1", "localhost"):
                raise AssertionError(f"the plugin reaches out to {host}: lead it to a LocalServer by an option")
            connect(own, address)

        monkeypatch.setattr(socket.socket, "connect", guarded)

    # The contract.

    def test_the_plugin_declares_what_recon_can_use(self, loaded: Plugin) -> None:
        assert loaded.source.datasets
        assert loaded.seasons
        again = load_plugin(self.plugin)
        assert (again.source, again.seasons, again.rules) == (loaded.source, loaded.seasons, loaded.rules)

    def test_importing_the_plugin_is_light(self) -> None:
        name = self.plugin.__name__ if isinstance(self.plugin, ModuleType) else self.plugin.__module__
        code = f"import sys, importlib; importlib.import_module({name!r}); print(*sys.modules)"
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, timeout=60, encoding="utf-8", env=environment, check=True
        )
        pulled = self.heavy.intersection(module.partition(".")[0] for module in done.stdout.split())
        assert not pulled, f"importing {name} pulls in {', '.join(sorted(pulled))}: import it inside the hook"

    def test_rules_can_be_compiled(self, loaded: Plugin) -> None:
        for rule in loaded.rules:
            assert compile_rule(rule.when, f"rule {rule.name!r}")

    @pytest.mark.usefixtures("offline")
    def test_enumeration_is_deterministic_and_names_nothing_twice(
        self, loaded: Plugin, chosen: Season, context: FakeContext
    ) -> None:
        games, items = self._enumerated(loaded, chosen, context)
        assert self._enumerated(loaded, chosen, context) == (games, items)
        ids = [known for game in games for known in (game.game_id, *game.alt_ids)]
        assert len(ids) == len(set(ids)), "an id belongs to two games"
        assert {game.season for game in games} <= {chosen.label}
        for data_type, batches in items.items():
            rows = [row for batch in batches for row in zip(*batch.columns.values(), batch.times, strict=True)]
            assert len(rows) == len(set(rows)), f"{data_type} names an item twice for one time"

    @pytest.mark.usefixtures("offline")
    def test_expected_keys_are_read_back_as_what_they_are(
        self, loaded: Plugin, chosen: Season, context: FakeContext, tmp_path: Path
    ) -> None:
        games, items = self._enumerated(loaded, chosen, context)
        assert games or items, "nothing is enumerated: give the fixtures that the schedule is made from"
        found = expected_keys(loaded, chosen, games, items, self.now, tmp_path / "spill")
        assert found or not any(spec.key_templates for spec in loaded.source.datasets), "no key can be rendered"
        for data_type, values, key in found:
            spec = next(spec for spec in loaded.source.datasets if spec.data_type == data_type)
            read = [
                (one.data_type, self._told(loaded, one, fields))
                for one in loaded.source.datasets
                for template in loaded.templates[one.data_type]
                if (fields := template.parse(key)) is not None
            ]
            # What lies in a container is told by its key but for one column, which is inside.
            told = read[0][1] if read else {}
            known = {name: value for name, value in zip(spec.grain, values, strict=True) if name in told}
            assert read == [(spec.data_type, known)], f"{shown(key)} is read as {read}"
            assert len(known) == len(spec.grain) - (spec.container is not None)

    @pytest.mark.usefixtures("offline")
    def test_a_damaged_schedule_is_an_error_of_one_line(
        self,
        loaded: Plugin,
        chosen: Season,
        context: FakeContext,
        documents: MutableMapping[str, bytes],
    ) -> None:
        """Whatever was damaged: no traceback, no games made up, and none lost to a document that says nothing.

        What was cut or emptied is a ReconError, or changes nothing, since there is another copy. For items, which have
        an answer of their own for what cannot be told, ``Undetermined`` will do. From what was changed in other ways
        come no more games than from the whole, and none with an id that no document holds.
        """
        chance = random.Random(0)
        whole = dict(documents)
        if not whole:
            return
        games, items = self._answers(loaded, chosen, context)
        for _ in range(_FUZZED):
            name = chance.choice(sorted(whole))
            damage = damaged(whole[name], chance)
            documents[name] = damage.body
            what = f"{name} as {shown(damage.body[:200])}"
            found = self._survives(loaded, chosen, context, what)
            if found is not None and damage.lost:
                told = f"{what}: neither an error nor the {len(games)} games of the whole: {len(found[0])} games"
                assert found[0] == games, told
                for data_type, batches in found[1].items():
                    assert batches in (None, items[data_type]), f"{what}: neither an error nor the items of {data_type}"
            elif found is not None:
                self._check_made_up(found[0], games, whole, documents, what)
            documents[name] = whole[name]

    @pytest.mark.usefixtures("offline")
    def test_odd_games_and_keys_crash_nothing(self, loaded: Plugin, chosen: Season, context: FakeContext) -> None:
        chance = random.Random(1)
        games = self._games(loaded, chosen, context)[:50] or [make_game(season=chosen.label)]
        for _ in range(_FUZZED):
            game = fuzzed_game(chance.choice(games), chance)
            if "recon_game_id" in loaded.hooks:
                loaded.call("recon_game_id", game=game)
            if "recon_parse_key" in loaded.hooks:
                loaded.call("recon_parse_key", key="/".join(fuzzed_text(chance) for _ in range(chance.randrange(1, 4))))
            if "recon_schedule_notes" in loaded.hooks:
                loaded.call("recon_schedule_notes", season=chosen, games=(game,))

    def _told(self, loaded: Plugin, spec: DatasetSpec, fields: Mapping[str, str]) -> dict[str, str]:
        """The grain values that the fields of a key tell; a season may be told by a field of its own."""
        told = dict(fields)
        for name, labels in season_tellers(loaded.seasons).items():
            if name in fields:
                told.setdefault("season", labels.get(fields[name], fields[name]))
        return {name: told[name] for name in spec.grain if name in told}

    def _games(self, loaded: Plugin, season: Season, context: FakeContext) -> list[Game]:
        if "recon_expected_games" not in loaded.hooks:
            return []
        games: list[Game] = loaded.call("recon_expected_games", season=season, context=context)
        return games

    def _enumerated(
        self, loaded: Plugin, season: Season, context: FakeContext
    ) -> tuple[list[Game], Mapping[str, list[Items]]]:
        """The season's games, and the items of each dataset whose items only the plugin can name."""
        games, items = self._answers(loaded, season, context)
        return games, {data_type: batches or [] for data_type, batches in items.items()}

    def _answers(
        self, loaded: Plugin, season: Season, context: FakeContext
    ) -> tuple[list[Game], Mapping[str, list[Items] | None]]:
        """The season's games, and the items of each dataset; ``None`` where the plugin cannot tell them."""
        items: dict[str, list[Items] | None] = {}
        for spec in self._named(loaded):
            try:
                answers = loaded.call("recon_expected_items", dataset=spec, season=season, context=context)
            except PluginCallError as error:
                if not isinstance(error.__cause__, LakeError):
                    raise
                answers = [Undetermined(reason=str(error))]  # as a run takes what cannot be read from the lake
            told = all(isinstance(answer, Items) for answer in answers)
            items[spec.data_type] = list(answers) if told else None
        return self._games(loaded, season, context), items

    def _named(self, loaded: Plugin) -> Iterator[DatasetSpec]:
        if "recon_expected_items" in loaded.hooks:
            yield from (spec for spec in loaded.source.datasets if needs_enumeration(spec))

    def _survives(
        self, loaded: Plugin, season: Season, context: FakeContext, what: str
    ) -> tuple[list[Game], Mapping[str, list[Items] | None]] | None:
        """What is enumerated; ``None`` if that is an error, as it may be."""
        try:
            return self._answers(loaded, season, context)
        except PluginCallError as error:
            assert isinstance(error.__cause__, ReconError), f"{what}: {error}"
            assert "\n" not in str(error.__cause__), f"{what}: {error}"
            return None

    def _check_made_up(
        self,
        found: Sequence[Game],
        games: Sequence[Game],
        whole: Mapping[str, bytes],
        documents: Mapping[str, bytes],
        what: str,
    ) -> None:
        assert len(found) <= len(games), f"{what}: {len(found)} games, though the whole has {len(games)}"
        known, ids = ({each for game in some for each in (game.game_id, *game.alt_ids)} for some in (games, found))
        # An id that was itself changed is no fault of the plugin; one that is worked out stands in no document anyhow.
        there, now = ([texts_in(body) for body in some.values()] for some in (whole, documents))
        if all(any(each in texts for texts in there) for each in known):
            new = [each for each in sorted(ids - known) if not any(each in texts for texts in now)]
            assert not new, f"{what}: games that stand in no document: {', '.join(map(shown, new))}"
