"""What the handout and the instructors' page show works as it is shown."""

import json
import re
import shlex
from pathlib import Path

import pytest
import typer.main

from assignment3_scaling.service.__main__ import app
from assignment3_scaling.service.schemas import TrainingConfig, parse

REPOSITORY = Path(__file__).resolve().parents[3]
PAGES = [REPOSITORY / "assignment3_scaling" / "README.md", REPOSITORY / "docs" / "scaling_service.md"]
MODULE = "python -m assignment3_scaling.service "
COMMANDS = [
    line.partition(MODULE)[2].partition(" > ")[0]
    for page in PAGES
    for line in page.read_text(encoding="utf-8").splitlines()
    if line.startswith("$ ") and MODULE in line
]


def test_the_config_of_the_handout_is_one_and_comes_back_as_it_is():
    section = PAGES[0].read_text(encoding="utf-8").partition("## The training API")[2]
    shown = json.loads(re.search(r"```json\n(.*?)```", section, re.S)[1])
    assert parse(TrainingConfig, shown).as_json() == shown


def test_there_are_commands_to_hold():
    assert {command.split()[0] for command in COMMANDS} == {"serve", "students", "worker", "bets", "reveal"}


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_that_is_shown_exists_with_its_options(line):
    command = typer.main.get_command(app)
    words = shlex.split(line)
    while hasattr(command, "commands"):
        assert words[0] in command.commands, f"{line}: there is no command {words[0]}"
        command, words = command.commands[words[0]], words[1:]
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    assert {word for word in words if word.startswith("--")} <= known
