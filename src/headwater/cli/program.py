"""The commands of the program, each imported when it is asked for: help and version need none of them."""

import signal
from collections.abc import Iterator, MutableMapping, Sequence
from importlib import import_module
from typing import Any, NoReturn, cast

import click
from click.shell_completion import CompletionItem

from headwater import __version__
from headwater.cli.guard import Told, guarded
from headwater.cli.interrupt import leave
from headwater.cli.output import prepare_streams
from headwater.model.errors import ExitCode

# name: (module, what its help says first). In the order of a person's work.
COMMANDS = {
    "demo": ("demo", "Build Operation Springhead in FOLDER and run everything on it."),
    "init": ("work", "Make an empty workspace for an operation in FOLDER."),
    "run": ("work", "Read, examine and report seized EVIDENCE: images, archives or folders."),
    "ingest": ("work", "Open, list and verify EVIDENCE, without examining it yet."),
    "examine": ("work", "Examine everything that was ingested and is not examined yet."),
    "hashset": ("hashset", "Known sets: what others know already, so that nobody looks at it again."),
    "match": ("work", "Compare everything that was examined with the known sets, and gather near copies."),
    "trace": ("work", "Weigh what was found of each picture into its origin: camera, generated, edited, undetermined."),
    "attribute": (
        "work",
        "Follow every picture upstream, to the model, the training folder and the device; find ties.",
    ),
    "hand": ("hand", "Say which hands are one, and which of their pictures are another's."),
    "show": ("look", "Show a TABLE: exhibits, sources, items, media, findings, matches, groups, origins, queue."),
    "relevance": ("relevance", "Take in relevance scores of another tool: they order within a tier of the queue."),
    "casefile": ("exchange", "Take in what another tool's case file tells of an exhibit, without its evidence."),
    "export": ("exchange", "Write what was found for the tools a laboratory already uses."),
    "explain": ("explain", "Explain one file: where it lies, its origin and why, what was found on which bytes."),
    "trust": ("trust", "Install and list trust lists: whose signatures under content credentials count."),
    "traces": ("traces", "Draw one picture's periodic traces on a page, for looking only: they carry no weight."),
    "camera": ("camera", "Sensor patterns of seized cameras: enrol one, list them, compare pictures with them."),
    "verify": ("check", "Check every seal, chain and source; given an item or a finding, derive it again."),
    "validate": ("validate", "Examine a CORPUS of files of known origin, and write the method-validation report."),
    "doctor": ("check", "Say what this machine can and cannot do safely."),
    "examiners": ("examiners", "List the examiners that are installed, with their versions and code digests."),
    "plugins": ("plugins", "List the plug-ins that are installed, each with the line that lets it be loaded."),
    "bench": ("bench", "Measure against named peers, in one run, as ratios; both outputs are compared."),
    "completion": ("completion", "Print the completion script of a SHELL."),
}


class Commands(MutableMapping[str, click.Command]):
    """The commands by name; one that is asked for is imported then. No other can be added."""

    def __getitem__(self, name: str) -> click.Command:
        module, _ = COMMANDS[name]
        return cast("click.Command", getattr(import_module(f"headwater.cli.{module}"), name))

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)

    def __setitem__(self, name: str, command: click.Command) -> NoReturn:
        raise TypeError(f"{name}: commands are named in COMMANDS")

    def __delitem__(self, name: str) -> NoReturn:
        raise TypeError(f"{name}: commands are named in COMMANDS")


class Program(click.Group):
    """A group whose commands lie in modules of their own, imported one by one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        ctx.ensure_object(Told).command = name or ""
        if signal.getsignal(signal.SIGINT) is leave:  # from here on there is something to tidy up
            signal.signal(signal.SIGINT, signal.default_int_handler)
        return name, command, rest

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - likewise
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, says) in COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        fitting = [name for name in COMMANDS if name.startswith(incomplete)]
        return [CompletionItem(name, help=COMMANDS[name][1]) for name in fitting] + click.Command.shell_complete(
            self, ctx, incomplete
        )


@click.group(
    cls=Program,
    commands=Commands(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="headwater")
def headwater() -> None:
    """Follow each picture of a seizure upstream.

    \b
    Start here:
      headwater demo                     build a harmless operation and run everything on it
      headwater init OP --operation OP   an empty workspace for an operation
      cd OP; headwater run IMAGE.E01     read, examine and report a seized exhibit
    """


def run_program(arguments: Sequence[str] | None = None) -> ExitCode:
    """Run one command line, the process's own where none is given. Whatever happens is told in words."""
    prepare_streams()
    told = Told()

    def call() -> Any:  # noqa: ANN401 - whatever a command returns
        return headwater.main(arguments, prog_name="headwater", standalone_mode=False, obj=told)

    return guarded(call, told)
