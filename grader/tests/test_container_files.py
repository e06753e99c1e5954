"""Dockerfile, compose file and devcontainer: linted and held against what they name. No container engine is asked for."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from grader.tests.conftest import REPOSITORY
from staff.site.commands import reference

DOCKERFILE = REPOSITORY / "Dockerfile"


def hadolint(path: Path) -> subprocess.CompletedProcess[str]:
    binary = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    assert binary, "hadolint is not installed; expected what `pip install '.[dev]'` installs"
    return subprocess.run([binary, "--no-color", str(path)], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def compose():
    """The compose file, its anchors resolved."""
    return yaml.safe_load((REPOSITORY / "compose.yaml").read_text(encoding="utf-8"))


def test_the_dockerfile_has_no_finding():
    found = hadolint(DOCKERFILE)
    assert (found.returncode, found.stdout) == (0, "")


def test_a_finding_would_be_noticed(tmp_path):
    worse = tmp_path / "Dockerfile"
    worse.write_text(DOCKERFILE.read_text(encoding="utf-8").replace(":3.12-slim-bookworm", ""))
    found = hadolint(worse)
    assert found.returncode == 1
    assert "DL3006" in found.stdout


def test_the_image_installs_extras_that_there_are():
    named = re.search(r"--editable '\.\[([a-z,]+)\]'", DOCKERFILE.read_text(encoding="utf-8")).group(1).split(",")
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(named) <= project["optional-dependencies"].keys()
    wanted = {extra for toml in REPOSITORY.glob("assignment*/assignment.toml") for extra in _extras(toml)}
    assert wanted | {"server"} <= set(named)


def _extras(toml: Path) -> list[str]:
    return tomllib.loads(toml.read_text(encoding="utf-8")).get("extras", [])


def test_every_command_is_one_of_the_graders_with_options_that_it_has(compose):
    last = DOCKERFILE.read_text(encoding="utf-8").strip().splitlines()[-1]
    commands = [
        json.loads(last.removeprefix("CMD ")),
        *(s["command"] for s in compose["services"].values() if "command" in s),
    ]
    assert len(commands) == 3
    for words in commands:
        name = " ".join(word for word in words if re.fullmatch("[a-z]+", word))
        section = reference().split(f"\n## `{name}`\n", 1)[1].split("\n## ", 1)[0]
        assert all(f"`{word}" in section for word in words if word.startswith("--")), words


SERVICE = {
    "build", "cap_drop", "command", "depends_on", "environment", "healthcheck", "image", "ports", "read_only", "restart",
    "security_opt", "tmpfs", "volumes",
}  # fmt: skip
"""Keys of a service in the Compose specification that are used here. Another one is added when it was looked up."""
VARIABLE = re.compile(r"\$\{[A-Z_]+:\?[^${}]+\}")


def test_the_compose_file_has_keys_of_the_specification_only_and_variables_that_compose_reads(compose):
    assert {key for key in compose if not key.startswith("x-")} == {"services", "volumes"}
    for name, service in compose["services"].items():
        assert service.keys() <= SERVICE, name
        assert {"image", "restart"} <= service.keys()
        assert set(service.get("depends_on", {})) <= compose["services"].keys()
        for value in service["environment"].values():
            assert "$" not in VARIABLE.sub("", value), value


def test_what_the_environment_sets_is_read_by_the_commands(compose):
    page = reference()
    for name in ("server", "worker"):
        assert all(f"`{variable}`" in page for variable in compose["services"][name]["environment"])


def test_the_commands_to_begin_with_are_there():
    head = (REPOSITORY / "compose.yaml").read_text(encoding="utf-8").partition("\nx-course")[0]
    (words,) = re.findall(r"docker compose run --rm (\w+) (.+)", head)
    assert words[0] in ("server", "worker")
    assert f"\n## `{words[1]}`\n" in reference()


def test_only_the_database_is_waited_for_and_every_volume_is_declared(compose):
    services = compose["services"]
    for name in ("server", "worker"):
        assert services[name]["depends_on"] == {"database": {"condition": "service_healthy"}}
        assert services[name]["environment"]["GRADER_SERVER_DATA"] == "/data"
    used = {volume.split(":")[0] for service in services.values() for volume in service["volumes"]}
    assert used == compose["volumes"].keys()
    assert services["server"]["volumes"] == services["worker"]["volumes"]


def test_no_password_is_written_down_and_the_server_is_reached_from_this_machine_only(compose):
    asked = "${POSTGRES_PASSWORD:?"  # compose stops with a message where it is not set
    services = compose["services"]
    assert services["database"]["environment"]["POSTGRES_PASSWORD"].startswith(asked)
    for name in ("server", "worker"):
        assert f"//course:{asked}" in services[name]["environment"]["GRADER_SERVER_DATABASE"]
    assert compose["services"]["server"]["ports"] == ["127.0.0.1:8336:8336"]
    assert ".env" in (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").split()


def test_the_devcontainer_is_json_and_makes_a_target_that_there_is():
    container = json.loads((REPOSITORY / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    program, target = container["postCreateCommand"].split()
    assert program == "make"
    made = (REPOSITORY / "Makefile").read_text(encoding="utf-8").replace("$(VENV)", ".venv")
    assert re.search(rf"^{re.escape(target)}:", made, re.MULTILINE)
