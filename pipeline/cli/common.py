"""What all commands share: options, exit codes in the help, and how the program talks."""

from __future__ import annotations

import contextlib
import datetime
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TextIO, TypeVar

import click
from click.core import ParameterSource

from pipeline.cli.main import LOG_FORMATS, LogFormat, log_format_of
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.decisions.standing import Decisions
    from pipeline.history.changes import Suppressed
    from pipeline.model import Flag
    from pipeline.rules.ruleset import Ruleset
    from pipeline.run.executor import Cluster

Level = Literal["info", "warning", "error"]
EXIT_INPUTS = 3
EXIT_CODES = {
    130: "interrupted; finished articles are kept for the next run",
    5: "the run itself failed (disk, lock, rules folder); earlier results are untouched",
    2: "wrong use, or nothing to read",
    4: "broken rules, with --strict",
    3: "results written, some inputs could not be used",
    1: "there are flags of the severity that --fail-on names",
    0: "done",
}
_LARGEST = 4 * 2**20
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, line ends, those that turn the direction of writing, and halves of characters."""
F = TypeVar("F", bound=Callable[..., Any])

quiet_option = click.option("-q", "--quiet", is_flag=True, help="Print problems only.")
verbose_option = click.option("-v", "--verbose", is_flag=True, help="Print more about what is done.")


def rules_options(function: F) -> F:
    """Adds --rules and --strict."""
    folder = click.option(
        "--rules",
        type=FilePath(),
        help="Folder of rules. Default: rules/ here, else the copy inside the package.",
    )
    strict = click.option("--strict", is_flag=True, help="Stop at a broken rule instead of leaving it out.")
    return folder(strict(function))


def rules_of(folder: Path | None, strict: bool) -> Ruleset:
    """The rules that --rules and --strict ask for; tells of each that is left out. Raises RulesError and UsageError as the loader does."""
    from pipeline.rules.kept import load_kept_rules
    from pipeline.rules.loader import find_rules_folder

    ruleset = load_kept_rules(find_rules_folder(folder), strict=strict)
    for problem in ruleset.problems:
        say(f"rule left out: {problem}", event="rule_left_out")
    return ruleset


class Day(click.ParamType[datetime.date]):
    """A day, ``YYYY-MM-DD``."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime.date:
        from pipeline.decisions.model import day_of

        if isinstance(value, datetime.date):
            return value
        try:
            return day_of(str(value))
        except UsageError as error:
            self.fail(str(error), param, ctx)


def decisions_options(function: F) -> F:
    """Adds --decisions and --today."""
    file = click.option(
        "--decisions",
        type=FilePath(),
        help="File of reviewers' decisions. Default: decisions.jsonl beside the rules.",
    )
    today = click.option(
        "--today", type=Day(), metavar="DATE", help="The day to take for today, as 2026-03-31, when decisions lapse."
    )
    return file(today(function))


def decisions_file(decisions: Path | None, rules: Path | None, *, writes: bool = False) -> Path:
    """The file that --decisions and --rules ask for.

    Without --decisions it need not be there. Raises UsageError where --decisions names a folder, or what is not there; a command that
    ``writes`` decisions makes the file, but not its folder.
    """
    from pipeline.decisions.log import decisions_path
    from pipeline.rules.loader import find_rules_folder

    if decisions is None:
        return decisions_path(find_rules_folder(rules))
    if decisions.is_dir():
        raise UsageError(f"--decisions {decisions}: is a folder; name the file")
    if not decisions.parent.is_dir():
        raise UsageError(f"--decisions {decisions}: there is no folder {decisions.parent}")
    if not writes and not decisions.exists():
        raise UsageError(f"--decisions {decisions}: no such file; 'claims decide' makes it with the first decision")
    return decisions


def decisions_of(file: Path) -> Decisions:
    """The decisions in ``file``; tells of each line that is damaged."""
    from pipeline.decisions.log import read_decisions

    found = read_decisions(file)
    for problem in found.problems:
        say(problem, event="decision_left_out")
    return found


def suppressed_by(decided: Decisions, day: datetime.date) -> Suppressed:
    """Which flags the decisions put away on that day."""

    def suppressed(flag: Flag) -> bool:
        standing = decided.standing(flag, day)
        return standing is not None and standing.suppresses

    return suppressed


workers_option = click.option(
    "--workers",
    type=click.IntRange(0, 256),
    default=lambda: min(8, os.cpu_count() or 1),
    show_default="one a core, at most 8",
    help="Processes at most; 0 runs all in one, without time and memory limits.",
)
cluster_option = click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Work on the Dask cluster whose scheduler is at this address (tcp://HOST:8786), or in this scheduler file.",
)
since_option = click.option(
    "--since",
    metavar="OLD",
    help="An earlier run, a folder of results or DIR@RUN: what is new since then comes first. "
    "Default: what the last refresh compared with, if its results still lie in DIR.",
)
model_option = click.option(
    "--model",
    metavar="NAME_OR_PATH",
    help="A spaCy pipeline, installed or a folder, to use instead of the program's own language model.",
)


@contextlib.contextmanager
def cluster_of(address: str | None) -> Iterator[Cluster | None]:
    """The cluster that --cluster asks for, None where it does not. Raises UsageError and RunError, one line, where it cannot be used."""
    if address is None:
        yield None
        return
    context = click.get_current_context()
    if not address.strip():
        raise click.UsageError("--cluster: the address is empty", context)
    if context.get_parameter_source("workers") not in (None, ParameterSource.DEFAULT):
        raise click.UsageError("--cluster cannot go with --workers, which is of this machine", context)
    from pipeline.run.cluster import connected

    with connected(address) as cluster:
        yield cluster


def epilog(example: str, *codes: int | tuple[int, str]) -> str:
    """The end of a command's help: its exit codes, the first that applies from the top, and an example that works.

    A code comes with what it means where that is another thing than elsewhere.
    """
    told = (code if isinstance(code, tuple) else (code, EXIT_CODES[code]) for code in codes)
    lines = [f"  {code:<4} {meaning}" for code, meaning in told]
    return "\b\nExit codes (the first that applies, from the top):\n" + "\n".join(lines) + f"\n\n\b\nExample: {example}"


class FilePath(click.Path):
    """The name of a file or folder; an empty one, which a shell makes of an unset variable, is not taken for the folder at hand."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("The name is empty.", param, ctx)
        return super().convert(value, param, ctx)


def say(message: str, level: Level = "warning", event: str = "message", **fields: object) -> None:
    """One line to the user, on standard error; with --log-format json an object with time, level, event, message and ``fields``."""
    with contextlib.suppress(OSError, ValueError):  # nobody is left to tell
        if _log.format == "text":
            click.echo(f"claims: {printable(message)}", err=True)
        else:
            click.echo(json_line(message, level, event, **fields), err=True)


def say_foreign(foreign: Mapping[str, int]) -> None:
    """That articles are in languages that the rules are not written for, how many in each; nothing where there are none."""
    if foreign:
        told = ", ".join(f"{language} {count}" for language, count in foreign.items())
        say(
            f"not in English: {told}; figures of these articles are read by English rules, if at all, and are not to be relied on",
            event="foreign",
            articles=dict(foreign),
        )


def log(event: str, message: str, **fields: object) -> None:
    """What a program that reads the messages wants to know, and a person is told on standard output: nothing where text is written."""
    if _log.format == "json":
        say(message, "info", event, **fields)


def json_line(message: str, level: Level, event: str, **fields: object) -> str:
    """A message as --log-format json writes it."""
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
    # ASCII alone: no reader finds a line end in it, and halves of characters do no harm.
    return json.dumps({"time": now, "level": level, "event": event, "message": message, **fields}, default=str)


class _Log:
    """How messages are written: by the whole process, since nothing hands a choice down to whoever has something to say."""

    format: LogFormat = "text"


_log = _Log()


def choose_log_format(arguments: Sequence[str]) -> None:
    """Takes --log-format out of the command line before it is parsed, so that what is wrong with the rest of it is told in that format."""
    _log.format = log_format_of(arguments)


def logs_text() -> bool:
    """Whether messages are text, for people."""
    return _log.format == "text"


def log_format_option() -> click.Option:
    """--log-format, which is heard before the command line is parsed: here it is checked, and told in the help."""
    return click.Option(
        ["--log-format"],
        type=click.Choice(LOG_FORMATS),
        expose_value=False,
        is_eager=True,
        help="How messages on standard error are written: text, or one JSON object a line. Default: text.",
    )


def with_log_format(command: click.Command) -> click.Command:
    """Adds --log-format to a command, or to each of a group."""
    if isinstance(command, click.Group):
        for sub in command.commands.values():
            with_log_format(sub)
    elif not any(parameter.name == "log_format" for parameter in command.params):
        command.params.append(log_format_option())
    return command


def printable(text: str) -> str:
    """``text`` fit for one line of a terminal: what would end the line or steer the terminal is spelt out."""
    return _UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def read_text(file: BinaryIO, name: str) -> str:
    """The text of ``file``, which the user knows as ``name``. Raises UsageError where it is too large or no UTF-8."""
    data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise UsageError(f"{name}: larger than {_LARGEST} bytes; give a part of it")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{name}: is no UTF-8 text; for a page, run 'claims extract' first and give its cleaned text"
        ) from error


def given_text(text: str) -> str:
    """``text`` of the command line, as it is. Raises UsageError where it is no text."""
    try:
        text.encode()
    except UnicodeEncodeError as error:  # bytes that the shell handed over
        raise UsageError("the text is no UTF-8") from error
    return text


def open_streams() -> None:
    """Gives the process standard streams that can be written to, whatever it was started with."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:  # closed: a file opened next would take its number, and output go there
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w" if number else "r", encoding="utf-8"))  # noqa: SIM115 - for good
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def silence(stream: TextIO) -> None:
    """Throws away what ``stream`` still holds and what is written to it from now on."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
