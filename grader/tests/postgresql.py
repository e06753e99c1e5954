"""A PostgreSQL server of its own for the tests, on a socket in a temporary folder: no port, no password."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PLACES = ("/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin")
SECONDS = 120


def programs() -> Path:
    """The folder with `initdb` and `pg_ctl`, the newest there is."""
    found = [path for place in PLACES for path in Path("/").glob(f"{place[1:]}/initdb")]
    on_path = shutil.which("initdb")
    assert found or on_path, "PostgreSQL is not installed; expected what `.ci/system python3 dev` installs"
    return max(found, key=lambda path: path.parts[-3]).parent if found else Path(str(on_path)).parent


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Starts a server whose data lie in the new folder `folder`; gives its address, and stops it in the end."""
    bin_, data = programs(), folder / "data"
    folder.mkdir()
    if os.geteuid() == 0:  # it refuses to run as root
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)

    def run(*command: object) -> None:
        prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        result = subprocess.run(
            [*prefix, *map(str, command)], cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert result.returncode == 0, f"{command}: {result.stdout}{result.stderr}"

    run(bin_ / "initdb", "--pgdata", data, "--username", "grader", "--auth", "trust", "--no-sync")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    run(bin_ / "pg_ctl", "--pgdata", data, "--log", folder / "log", "--options", options, "--wait", "start")
    try:
        yield f"postgresql://grader@/postgres?host={folder}"
    finally:
        run(bin_ / "pg_ctl", "--pgdata", data, "--mode", "immediate", "--wait", "stop")
