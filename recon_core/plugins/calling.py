"""Calls one plugin's hook implementations, and charges what goes wrong to that plugin alone.

Each plugin has a pluggy manager of its own. With a shared one a call is a broadcast: one implementation that raises
stops the others, and the exception does not say whose it was.
"""

from __future__ import annotations

import contextlib
import difflib
import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pluggy

from recon_core.api import API_VERSION, DatasetSpec, Game, HookSpecs, PluginError, Season
from recon_core.plugins.conform import InvalidError
from recon_core.text import redact_url, shown, suggest

__all__ = ["HOOKS", "Implementation", "PluginCallError", "PluginFailure", "UnfitError", "told", "went_wrong"]

HOOKS: Mapping[str, tuple[str, ...]] = {
    name: tuple(inspect.signature(function).parameters)[1:]
    for name, function in vars(HookSpecs).items()
    if name.startswith("recon_")
}
"""Every hook of the API with the names of its arguments."""

_LONGEST_MESSAGE = 500
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s'\"<>)\]}]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginFailure:
    """One plugin's failure: what the source owns is unknown until it is mended.

    ``source`` is ``None`` where the plugin failed before it could say its name, ``hook`` where no hook is at fault.
    ``message`` is one line and safe to show.
    """

    distribution: str
    version: str
    entry_point: str
    source: str | None
    hook: str | None
    message: str

    def line(self) -> str:
        """``recon-x 1.0: recon_source failed: ValueError: …``."""
        return f"{self.distribution} {self.version}: {f'{self.hook} ' if self.hook else ''}{self.message}"


class PluginCallError(PluginError):
    """A plugin that could not be loaded or called; ``failure`` says it in parts."""

    def __init__(self, failure: PluginFailure) -> None:
        super().__init__(failure.line())
        self.failure = failure


class UnfitError(Exception):
    """Why a plugin cannot be used as it is; ``hook`` is the one at fault, if one is."""

    def __init__(self, message: str, hook: str | None = None) -> None:
        super().__init__(message)
        self.hook = hook


class Implementation:
    """The hooks that one object, most often a module, implements.

    Raises UnfitError for an object whose hooks are misspelt, undecorated, no plain functions, or ask for arguments that
    do not exist.
    """

    def __init__(self, implementer: object) -> None:
        self._manager = pluggy.PluginManager("recon")
        self._manager.add_hookspecs(HookSpecs)
        self.hooks = frozenset(_checked_hooks(self._manager, implementer))
        try:
            self._manager.register(implementer)
        except pluggy.PluginValidationError as error:
            raise UnfitError(" ".join(str(error).split())) from error

    def call(self, hook: str, kwargs: Mapping[str, Any]) -> Any:
        """Call one implementation; what it raises passes through. What it prints goes to stderr, not into results."""
        with contextlib.redirect_stdout(sys.stderr):
            results = getattr(self._manager.hook, hook)(**kwargs)
        return results[0] if results else None


def _checked_hooks(manager: pluggy.PluginManager, implementer: object) -> Iterator[str]:
    seen: dict[str, str] = {}
    for name in dir(implementer):
        options = manager.parse_hookimpl_opts(implementer, name)
        if options is None:
            _refuse_undecorated(implementer, name)
            continue
        hook = options.get("specname") or name
        if hook not in HOOKS:
            if options.get("optionalhook"):
                continue
            raise UnfitError(
                f"is no hook of plugin API {API_VERSION}{_hook_like(hook)}; mark a hook of a later API with "
                "@hookimpl(optionalhook=True)",
                hook,
            )
        if options.get("wrapper") or options.get("hookwrapper"):
            raise UnfitError("is declared as a wrapper, but each plugin is called on its own: drop the option", hook)
        if hook in seen:
            raise UnfitError(f"is implemented twice, by {shown(seen[hook])} and {shown(name)}", hook)
        seen[hook] = name
        _check_function(getattr(implementer, name), hook)
        yield hook


def _refuse_undecorated(implementer: object, name: str) -> None:
    """A name that reads like a hook and is none would be a hook that is silently never called."""
    if not name.startswith("recon_") or inspect.ismodule(getattr(implementer, name)):
        return
    if name in HOOKS:
        raise UnfitError("is not decorated: put @hookimpl of recon_core.api above it", name)
    raise UnfitError(
        f"is neither a hook{_hook_like(name)} nor decorated with @hookimpl: names that begin with recon_ are for hooks",
        name,
    )


def _hook_like(name: str) -> str:
    """A hint at the hook that was meant; the common prefix would make any two names look alike."""
    bare = {hook.removeprefix("recon_"): hook for hook in HOOKS}
    close = difflib.get_close_matches(name.removeprefix("recon_"), bare, n=1, cutoff=0.6)
    return f" (did you mean '{bare[close[0]]}'?)" if close else f" (the hooks are {', '.join(sorted(HOOKS))})"


def _check_function(function: Any, hook: str) -> None:
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise UnfitError("is an async function, but hooks are called plainly: use asyncio.run inside it", hook)
    for parameter in inspect.signature(function).parameters.values():
        name = shown(parameter.name)
        if parameter.kind not in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            raise UnfitError(
                f"takes {name!r} as *args, **kwargs or keyword only; a hook names its arguments plainly", hook
            )
        known = parameter.name in HOOKS[hook]
        if known and parameter.default is not parameter.empty:
            raise UnfitError(f"gives its argument {name!r} a default: pluggy would never pass it", hook)
        if not known and parameter.default is parameter.empty:
            raise UnfitError(
                f"asks for the argument {name!r}{suggest(parameter.name, HOOKS[hook])}, but is called with "
                f"{', '.join(HOOKS[hook]) or 'none'}",
                hook,
            )


def told(error: BaseException) -> str:
    """``ValueError: what it says`` on one line: escaped, cut to a bearable length, URLs without their secrets."""
    try:
        text = str(error)
    except Exception:
        text = "(its message cannot be shown)"
    text = shown(_URL.sub(lambda match: redact_url(match.group()), text.strip()))
    if len(text) > _LONGEST_MESSAGE:
        text = text[:_LONGEST_MESSAGE] + "…"
    return f"{shown(type(error).__name__)}: {text}" if text else shown(type(error).__name__)


def went_wrong(error: BaseException, kwargs: Mapping[str, Any] | None = None) -> str:
    """What went wrong in a hook, as the predicate of a sentence whose subject is the hook."""
    if isinstance(error, UnfitError):
        return str(error)
    about = _about(kwargs or {})
    return (
        f"gave a wrong answer{about}: {shown(error)}"
        if isinstance(error, InvalidError)
        else f"failed{about}: {told(error)}"
    )


def _about(kwargs: Mapping[str, Any]) -> str:
    """Which call it was: `` for play_by_play, season 2024-25``."""
    words = []
    for value in kwargs.values():
        if isinstance(value, DatasetSpec):
            words.append(value.data_type)
        elif isinstance(value, Season):
            words.append(f"season {value.label}")
        elif isinstance(value, Game):
            words.append(f"{value.away} at {value.home} on {value.date}")
        elif isinstance(value, str):
            words.append(f"'{value}'")
    return f" for {shown(', '.join(words))}" if words else ""
