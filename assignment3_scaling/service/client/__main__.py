"""The client on the command line: `python -m assignment3_scaling.service.client --help` is the manual.

Exit codes: 0 fine; 1 the server refused, or a run that was waited for has failed; 2 a wrong option or file, or no server.
"""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from assignment3_scaling.service.client.http import HttpClient
from assignment3_scaling.service.client.interface import Json, status_of
from assignment3_scaling.service.client.tables import budget_line, experiments_table
from assignment3_scaling.service.client.watching import watch as watch_all
from assignment3_scaling.service.errors import ServiceError, Unavailable

OUT, ERRORS = Console(), Console(stderr=True)

app = typer.Typer(
    help="Submit training runs, watch them, and place the final bet.\n\nThe key is read from the environment: "
    "export SCALING_API_KEY=...",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Url = Annotated[str, typer.Option(envvar="SCALING_API_URL", help="Where the server listens.")]
Key = Annotated[str, typer.Option(envvar="SCALING_API_KEY", help="Your key; better in the environment than here.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON to standard output, and nothing else there.")]
Config = Annotated[Path, typer.Argument(help="A file with a training config as JSON; - is standard input.")]
LOCAL = "http://127.0.0.1:8000"


@app.command()
def submit(
    config: Config,
    key: Key,
    url: Url = LOCAL,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until the run is over; 1 if it failed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Queue a run. Sent again after a lost connection, it is still one run."""
    with HttpClient(url, key) as client:
        answer = client.submit(read(config))
        if wait:
            _show_runs(watch_all(client, [answer["experiment_id"]], ERRORS), as_json)
        elif as_json:
            _print_json(answer)
        else:
            OUT.print(f"experiment {answer['experiment_id']} is queued")
            OUT.print(budget_line(answer["budget_summary"]))


@app.command()
def budget(key: Key, url: Url = LOCAL, as_json: AsJson = False) -> None:
    """What is spent and what is left."""
    with HttpClient(url, key) as client:
        answer = client.budget()
        _print_json(answer) if as_json else OUT.print(budget_line(answer))


@app.command()
def experiments(key: Key, url: Url = LOCAL, as_json: AsJson = False) -> None:
    """All runs, the newest first."""
    with HttpClient(url, key) as client:
        answer = client.experiments()
        _print_json(answer) if as_json else OUT.print(experiments_table(answer))


@app.command()
def watch(
    key: Key,
    experiment_ids: Annotated[
        list[int] | None, typer.Argument(help="Which runs; all that are not over if none.")
    ] = None,
    url: Url = LOCAL,
    as_json: AsJson = False,
) -> None:
    """Wait for runs until they are over; 1 if one has failed."""
    with HttpClient(url, key) as client:
        wanted = experiment_ids or [
            one["experiment_id"] for one in client.experiments() if status_of(one) in ("queued", "running")
        ]
        _show_runs(watch_all(client, wanted, ERRORS), as_json)


@app.command()
def final(
    key: Key,
    config: Annotated[
        Path | None, typer.Argument(help="The config of the large run; without it the bet is shown.")
    ] = None,
    loss: Annotated[float | None, typer.Option(help="The loss that it will end at.")] = None,
    interval: Annotated[
        tuple[float, float] | None, typer.Option(help="Between which losses it will end, with 80 % probability.")
    ] = None,
    url: Url = LOCAL,
    as_json: AsJson = False,
) -> None:
    """Place the final bet, or show the one that stands."""
    if (config is None) != (loss is None):
        raise typer.BadParameter("a bet is a config and --loss; to see the one that stands, give neither")
    with HttpClient(url, key) as client:
        answer = (
            client.final_submission() if config is None else client.submit_final(read(config), loss or 0.0, interval)
        )
        if as_json:
            _print_json(answer)
        elif answer is None:
            OUT.print("no bet has been placed")
        else:
            OUT.print(f"the bet stands: loss {answer['predicted_final_loss']:.4f}, handed in {answer['submitted_at']}")


def read(config: Path) -> Json:
    """The object in a JSON file.

    Raises:
        typer.BadParameter: there is no such file, or no JSON object in it.
    """
    try:
        found = json.loads(sys.stdin.read() if str(config) == "-" else config.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{config}: {error}") from None
    if not isinstance(found, dict):
        raise typer.BadParameter(f"{config}: not a JSON object")
    return found


def _show_runs(runs: list[Json], as_json: bool) -> None:
    _print_json(runs) if as_json else OUT.print(experiments_table(runs))
    if any(status_of(run) == "failed" for run in runs):
        raise typer.Exit(1)


def _print_json(answer: Any) -> None:
    print(json.dumps(answer, indent=2))


def main() -> None:
    """Run the command line; what the server refuses is a line or a few, not a traceback."""
    try:
        app()
    except Unavailable as error:
        ERRORS.print(f"client: {error.message}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)
    except ServiceError as error:
        for line in error.message.split("; "):
            ERRORS.print(
                f"refused ({error.status}): {line}", style="red", markup=False, highlight=False, soft_wrap=True
            )
        sys.exit(1)
    except KeyboardInterrupt:
        ERRORS.print("client: stopped; what is queued goes on", style="red")
        sys.exit(130)


if __name__ == "__main__":
    main()
