"""The commands of ``claims``: finds the one asked for, and turns every failure into one clear message and a documented exit code."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
from typing import Any

import click

from pipeline.cli.common import (
    choose_log_format,
    epilog,
    log_format_option,
    logs_text,
    open_streams,
    say,
    silence,
    with_log_format,
)
from pipeline.cli.main import INTERRUPTED, STOPS
from pipeline.errors import ClaimsError, RulesError

# Each command lives in a module of its own that is imported when it is asked for, so that --help answers at once.
COMMANDS = {
    "extract": ("pipeline.cli.extract", "Clean articles and extract their claims."),
    "fetch": ("pipeline.cli.fetch", "Fetch the pages that sources.yaml lists."),
    "reconcile": ("pipeline.cli.reconcile", "Join claims of the same result, flag where sources differ."),
    "decide": ("pipeline.cli.decide", "Keep a reviewer's decision of a flag."),
    "decisions": ("pipeline.cli.decisions", "List reviewers' decisions and what became of them."),
    "refresh": ("pipeline.cli.refresh", "Bring the results up to date and print what changed."),
    "diff": ("pipeline.cli.diff", "Print what changed from one run to another."),
    "runs": ("pipeline.cli.runs", "List, restore and forget the runs that are kept."),
    "parse": ("pipeline.cli.parse", "Print what the language model says of a text."),
    "report": ("pipeline.cli.report", "Write reports for people and other programs."),
    "explain": ("pipeline.cli.explain", "Print why a claim is as it is."),
    "export": ("pipeline.cli.export", "Write the claims of a run for other tools."),
    "show": ("pipeline.cli.show", "Print the claims of a run as a table."),
    "review": ("pipeline.cli.review", "Open the page on which reviewers decide."),
    "rules": ("pipeline.cli.rules", "Check rules and run their examples."),
    "formats": ("pipeline.cli.formats", "List the input formats that can be read."),
}


_EVENTS = {130: "interrupted", 2: "usage", 4: "rules"}


class LazyGroup(click.Group):
    """A group whose commands are imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), "command")  # noqa: B009 - a fixed name by convention
        return with_log_format(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])


def _print_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"claims {version('claims-pipeline')}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    params=[log_format_option()],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog=epilog("claims extract raw -o extracted", 130, 5, 2, 4, 3, 0),
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Print the version."
)
def cli() -> None:
    """Finds the numeric claims that web articles make and keeps every source's figures side by side."""


def run(arguments: list[str] | None = None) -> int:
    """Runs the program; returns its exit code and never raises for a user's mistake."""
    open_streams()
    choose_log_format(sys.argv[1:] if arguments is None else arguments)
    for number in STOPS:
        if signal.getsignal(number) != signal.SIG_IGN:  # as it is for a job in the background
            signal.signal(number, _interrupt)
    try:
        code: Any = cli.main(args=arguments, prog_name="claims", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (KeyboardInterrupt, click.Abort):
        say(INTERRUPTED, "error", "interrupted")
        return 130
    except ClaimsError as error:
        for line in error.problems if isinstance(error, RulesError) else [str(error)]:
            say(line, "error", _event(error), exit_code=error.exit_code)
        return error.exit_code
    except click.ClickException as error:
        with contextlib.suppress(OSError):
            if logs_text():
                error.show()
            else:
                say(error.format_message(), "error", "usage", exit_code=error.exit_code)
        return error.exit_code
    except (BrokenPipeError, SystemExit):  # click makes the one of the other
        # The reader of our output (head, less) went away: nothing is wrong, and nobody is left to tell.
        silence(sys.stdout)
        return 0
    except OSError as error:
        if os.environ.get("CLAIMS_DEBUG"):
            raise
        silence(sys.stdout)
        say(f"{error.filename or 'output'}: {error.strerror or error}", "error", "failed", exit_code=5)
        return 5
    except Exception as error:
        if os.environ.get("CLAIMS_DEBUG"):
            raise
        say(f"internal error: {type(error).__name__}: {error}", "error", "fault", exit_code=5)
        say(
            "this is a fault of the program; set CLAIMS_DEBUG=1 and run again for the details to report",
            "error",
            "fault",
        )
        return 5


def _event(error: ClaimsError) -> str:
    """What a failure is called in messages that programs read."""
    return _EVENTS.get(error.exit_code, "failed")


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
