"""The ``yibao`` command."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

if TYPE_CHECKING:
    from knowledge.models import Language

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 110}
_DAY = click.DateTime(formats=["%Y-%m-%d"])
_LANGUAGE = click.option(
    "--language", type=click.Choice(["en", "zh"]), help="Answer in this language, whatever the messages are written in."
)


def _day(value: datetime | None) -> date | None:
    return value.date() if value else None


@click.group(context_settings=_CONTEXT)
@click.version_option(package_name="yibao")
def yibao() -> None:
    """Answers questions about paying for medical insurance in the PRC, with the source of every statement.

    \b
    Examples:
      yibao chat                          talk to it in the terminal
      yibao search "late payment"         see what the index finds
      yibao serve                         answer over HTTP
    """


@yibao.command()
@click.option("--force", is_flag=True, help="Train the bot even if nothing changed.")
def train(force: bool) -> None:
    """Check the knowledge, build the index and train the bot; only what changed.

    \b
    Example:
      yibao train
    """
    from bot.commands.train import train as run

    run(force=force)


@yibao.command()
@click.option("--host", default="127.0.0.1", show_default=True, envvar="YIBAO_HOST", help="Address to listen on.")
@click.option("--port", default=5005, show_default=True, envvar="YIBAO_PORT", help="Port to listen on.")
@click.option(
    "--workers",
    default=1,
    show_default=True,
    envvar="YIBAO_WORKERS",
    type=click.IntRange(1, 64),
    help="Processes; as many as there are cores.",
)
@_LANGUAGE
def serve(host: str, port: int, workers: int, language: Language | None) -> None:
    """Serve chat, help box and pages over HTTP.

    \b
    Examples:
      yibao serve --port 8080
      yibao serve --workers 4
    """
    from bot.commands.serve import serve as run

    run(host=host, port=port, count=workers, language=language)


@yibao.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line in and out, for programs.")
@click.option("--today", type=_DAY, help="Answer as on this day (2027-01-01: the new law is in force).")
@_LANGUAGE
def chat(as_json: bool, today: datetime | None, language: Language | None) -> None:
    """Talk to the assistant in the terminal.

    \b
    Examples:
      yibao chat
      yibao chat --today 2027-01-01
      echo '{"conversation": "c1", "text": "How do I pay online?"}' | yibao chat --json
    """
    from bot.commands import chat as run

    assistant = run.load(_day(today), language)
    if as_json:
        run.serve_json(assistant, run.standard_input(), sys.stdout)
    else:
        run.converse(assistant)


@yibao.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
@click.option("--today", type=_DAY, help="Answer as on this day.")
@_LANGUAGE
def replay(source: Path, output: Path, today: datetime | None, language: Language | None) -> None:
    """Play whole conversations from a file of {"id", "turns": [text, ...]} lines.

    \b
    Example:
      yibao replay conversations.jsonl --output replies.jsonl
    """
    from bot.commands import chat as run

    played = run.replay(run.load(_day(today), language), source, output)
    click.echo(f"{played} conversations played to {output}.", err=True)


@yibao.command()
@click.argument("checklist", type=click.Choice(["enrolment", "make_up", "card"]))
@click.option("--household", type=click.Choice(["urban", "agricultural"]), help="Type of hukou.")
@click.option("--age", type=int, help="Age in years.")
@click.option("--preschool/--no-preschool", default=None, help="Not yet at primary school.")
@click.option("--student/--no-student", default=None, help="At school or university.")
@click.option("--migrant-workers-child/--no-migrant-workers-child", default=None, help="Child of migrant workers.")
@click.option("--minimum-living-guarantee/--no-minimum-living-guarantee", default=None, help="Receives dibao.")
@click.option("--disability-level", type=int, help="Grade 1 to 4, 0 for none.")
@click.option("--low-income/--no-low-income", default=None, help="Low-income family.")
@click.option(
    "--employment",
    type=click.Choice(["employee", "flexible", "self_employed", "unemployed", "retired"]),
    help="Work.",
)
@click.option("--location", type=click.Choice(["local", "elsewhere"]), help="Lives at the registered place or not.")
@click.option("--person", help="Whom the list is for, in words.  [default: the insured person]")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "markdown", "json", "pdf"]),
    default="text",
    show_default=True,
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
@click.option("--today", type=_DAY, help="The list as on this day.")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Of the list.")
def checklist(
    checklist: str,
    person: str | None,
    format_: str,
    output: Path | None,
    today: datetime | None,
    language: Language,
    **facts: bool | int | str | None,
) -> None:
    """The papers that one person needs, each with its reason and source.

    \b
    Examples:
      yibao checklist enrolment --age 4 --preschool --household agricultural
      yibao checklist enrolment --age 63 --low-income --format pdf --output list.pdf
      yibao checklist card --language zh
    """
    from bot.commands import checklist as run

    known = {fact: value for fact, value in facts.items() if value is not None}
    try:
        day = _day(today) or date.today()
        composer, reply = run.make(checklist, known, person=person, today=day, language=language)
    except run.UnknownChecklist as error:
        raise click.UsageError(str(error)) from error
    run.write(composer, reply, format=format_, output=output)


@yibao.command()
@click.argument("text")
@click.option("--top", default=5, show_default=True, type=click.IntRange(1, 100), help="How many results.")
def search(text: str, top: int) -> None:
    """Show what the index finds: score, kind, id and excerpt.

    \b
    Example:
      yibao search "my boss does not pay" --top 10
    """
    from bot.commands.search import search as run

    run(text, top=top)


@yibao.group()
def agents() -> None:
    """Say who may use agent assist, at /assist."""


@agents.command("add")
@click.argument("name")
@click.option(
    "--role", type=click.Choice(["agent", "supervisor"]), default="agent", show_default=True, help="What they may do."
)
def agents_add(name: str, role: Literal["agent", "supervisor"]) -> None:
    """Make an account; asks for the password twice, or reads it from standard input.

    \b
    Examples:
      yibao agents add li.na --role agent
      yibao agents add wang --role supervisor < password.txt
    """
    from bot.assist.accounts import AccountError
    from bot.commands.agents import add as run

    try:
        run(name, role)
    except AccountError as error:
        raise click.ClickException(str(error)) from error


@agents.command("key")
@click.argument("name")
def agents_key(name: str) -> None:
    """Make a key with which a telephone system posts what is said in its calls.

    \b
    Example:
      yibao agents key switchboard
    """
    from bot.assist.accounts import AccountError
    from bot.commands.agents import key as run

    try:
        run(name)
    except AccountError as error:
        raise click.ClickException(str(error)) from error


@agents.command("list")
def agents_list() -> None:
    """Show all accounts and keys.

    \b
    Example:
      yibao agents list
    """
    from bot.commands.agents import show as run

    run()


@agents.command("remove")
@click.argument("name")
def agents_remove(name: str) -> None:
    """Remove an account or a key; whoever is logged in with it is logged out.

    \b
    Example:
      yibao agents remove li.na
    """
    from bot.commands.agents import remove as run

    sys.exit(0 if run(name) else 1)


@yibao.command("demo-call")
@click.option("--address", default="http://localhost:5005", show_default=True, help="Where `yibao serve` answers.")
@click.option("--speed", default=1.0, show_default=True, type=click.FloatRange(0.1, 100), help="2 is twice as fast.")
@click.option("--now", is_flag=True, help="Do not wait until an agent has opened the call.")
def demo_call(address: str, speed: float, now: bool) -> None:
    """Play a recorded call between a customer and an agent into the console of a running server.

    \b
    Examples:
      yibao demo-call
      yibao demo-call --speed 3 --now
    """
    from bot.commands.demo_call import play as run

    run(address=address.rstrip("/"), speed=speed, now=now)


@yibao.group()
def knowledge() -> None:
    """Look after the content in knowledge/."""


@knowledge.command("check")
@click.option("--fast", is_flag=True, help="Leave out the comparison of question variants by meaning.")
def knowledge_check(fast: bool) -> None:
    """Find broken or doubtful content, and what one language lacks: file, line, and how to mend it.

    \b
    Example:
      yibao knowledge check
    """
    from bot.commands.knowledge import check as run

    sys.exit(0 if run(fast=fast) else 1)


@yibao.command()
@click.option("--fit", is_flag=True, help="Fit the thresholds on the dev split first, and store them.")
@click.option(
    "--report",
    default=Path("build/evaluation"),
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the report.",
)
def evaluate(fit: bool, report: Path) -> None:
    """Measure the trained bot on the questions of tests/eval and write a report with plots.

    \b
    Examples:
      yibao evaluate
      yibao evaluate --fit
    """
    from bot.commands.evaluate import evaluate as run

    run(fit=fit, report=report)


@yibao.command()
def doctor() -> None:
    """Say what is installed, built or stale, and how to mend it.

    \b
    Example:
      yibao doctor
    """
    from bot.commands.doctor import examine

    sys.exit(0 if examine() else 1)


@yibao.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def rasa(arguments: tuple[str, ...]) -> None:
    """Run any command of Rasa's own on this project.

    \b
    Examples:
      yibao rasa data validate
      yibao rasa --help
    """
    from bot.commands.rasa import run

    run(arguments)


def main() -> None:
    """Entry point: an error is one line that says what to do; an interrupt ends quietly."""
    from bot.runtime.assistant import NotTrained
    from knowledge.errors import ContentError, KnowledgeError

    try:
        yibao(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
    except ContentError as error:
        click.echo(f"The content has {len(error.problems)} problems; nothing was replaced:\n{error}", err=True)
        sys.exit(1)
    except (KnowledgeError, NotTrained) as error:
        click.echo(f"yibao: {error}", err=True)
        sys.exit(1)
    except OSError as error:
        click.echo(f"yibao: {error}", err=True)
        sys.exit(1)
