"""Where the program starts and ends: signals, exit codes, and one line for whatever the user can mend."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import traceback
from collections.abc import Sequence

__all__ = ["main", "run_command_line"]

BUG = 1
USAGE = 2
INTERRUPTED = 130

_OBJECTS_A_COLLECTION = 50_000


def main() -> None:
    """The console script ``recon``."""
    # What a command makes mostly stays until its end: looking for garbage in it, by default at every 700 objects, is a
    # twentieth of a scan's time.
    gc.set_threshold(_OBJECTS_A_COLLECTION)
    # Arrow brings numpy, whose threads would wait busily for algebra that nobody asks for.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    code = run_command_line(sys.argv[1:])
    # The process ends: what is left goes as a whole, without a last search for garbage in it.
    gc.freeze()
    sys.exit(code)


def run_command_line(arguments: Sequence[str]) -> int:
    """Run one command and return the exit code of the process."""
    from recon_core.cli.streams import abandon_stdout

    try:
        _prepare()
        code = _dispatch(arguments)
    except KeyboardInterrupt:
        _complain("interrupted; previous outputs are untouched", INTERRUPTED)
        code = INTERRUPTED
    try:
        sys.stdout.flush()
    except OSError:
        abandon_stdout()
    return code


def _prepare() -> None:
    # What a library warns of is not for the user of this one, unless Python was asked for it.
    if not sys.warnoptions:
        import warnings

        warnings.simplefilter("ignore")
    signal.signal(signal.SIGTERM, _interrupt)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _dispatch(arguments: Sequence[str]) -> int:
    import typer

    from recon_core.cli.app import build
    from recon_core.cli.log import current_log

    command = build()
    if "_RECON_COMPLETE" in os.environ:
        command.main(args=list(arguments), prog_name="recon")
    # BadParameter is the part of typer's usage errors that typer exports under every version.
    usage_error: type[BaseException] = typer.BadParameter.__bases__[0]
    try:
        with command.make_context("recon", list(arguments)) as context:
            command.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    except typer.Abort:
        raise KeyboardInterrupt from None
    except usage_error as error:
        return _refuse_usage(error)
    except BrokenPipeError:
        # Before a command has begun only help, versions and completion are written; a reader may have read enough.
        return _bug() if current_log().started else 0
    except Exception as error:
        from recon_core.api.errors import ReconError

        if isinstance(error, ReconError):
            _complain(str(error), error.exit_code)
            return error.exit_code
        return _bug()
    return 0


def _refuse_usage(error: BaseException) -> int:
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError" and context is not None:
        sys.stderr.write(context.get_help() + "\n")
        return USAGE
    message = " ".join(error.format_message().split()).replace(": Value error, ", ": ")  # type: ignore[attr-defined]
    path = context.command_path if context is not None else "recon"
    _complain(f"{message.rstrip('.')} (see `{path} --help`)", USAGE)
    return USAGE


def _bug() -> int:
    """Show the exception at work with its traceback: it is no user's to mend."""
    from recon_core import __version__
    from recon_core.text import redact_urls, shown

    trace = redact_urls(traceback.format_exc())
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.writelines(f"{shown(line)}\n" for line in trace.splitlines())
    _complain(f"this is a bug of recon {__version__}: please report it with the lines above", BUG)
    return BUG


def _complain(message: str, code: int) -> None:
    from recon_core.cli.log import current_log

    log = current_log()
    log.route = None
    log.say("error", message, exit_code=code)
