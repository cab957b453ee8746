"""The ``claims`` program: finds the command, and turns every failure into one clear message and a documented exit code."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from typing import Any

import click

from pipeline.cli.common import epilog, say
from pipeline.errors import ClaimsError

# Each command lives in a module of its own that is imported when it is asked for, so that --help answers at once.
COMMANDS = {
    "extract": ("pipeline.cli.extract", "Clean articles and extract their claims."),
    "show": ("pipeline.cli.show", "Print the claims of a run as a table."),
    "rules": ("pipeline.cli.rules", "Check rules and run their examples."),
    "formats": ("pipeline.cli.formats", "List the input formats that can be read."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), "command")  # noqa: B009 - a fixed name by convention
        return command

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
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog=epilog("claims extract raw -o extracted", 130, 5, 2, 4, 3, 0),
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Print the version."
)
def cli() -> None:
    """Finds the numeric claims that web articles make and keeps every source's figures side by side."""


def main(arguments: list[str] | None = None) -> None:
    """Runs the program and exits with its code."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Runs the program; returns its exit code and never raises for a user's mistake."""
    # A scheduler's SIGTERM means the same as Ctrl-C: stop in order and keep what is finished.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        code: Any = cli.main(args=arguments, prog_name="claims", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (KeyboardInterrupt, click.Abort):
        say("interrupted; finished articles are kept, run the same command again to go on")
        return 130
    except ClaimsError as error:
        for line in str(error).splitlines():
            say(line)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (BrokenPipeError, SystemExit):
        # The reader of our output (head, less) went away: nothing is wrong, and nobody is left to tell. click, which notices it while a
        # command runs, leaves with SystemExit and for no other reason.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("CLAIMS_DEBUG"):
            raise
        say(f"internal error: {type(error).__name__}: {error}")
        say("this is a fault of the program; set CLAIMS_DEBUG=1 and run again for the details to report")
        return 5


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
