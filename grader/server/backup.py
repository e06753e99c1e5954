"""All of a server in one file, and back: its tables and the gradebook's as lines of JSON, and every uploaded file.

The file is a tar: `manifest.json`, `tables/<name>.jsonl`, `uploads/<sha256>/<file name>`. It is of no one kind of database:
what was written from SQLite may be read into PostgreSQL. It is made while the server runs, from one state of the
database; every file that this state speaks of was on the disk before. Sessions and workers are left out: people log in
again.

A backup holds what students wrote and the hashes of their tokens: keep it as you keep the server.
"""

import hashlib
import io
import json
import os
import secrets
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from sqlalchemy import DateTime, func, insert, select, text
from sqlalchemy import Table as SqlTable
from sqlalchemy.orm import Session

from grader.database import Moment
from grader.errors import ConfigError
from grader.gradebook import Gradebook
from grader.gradebook.tables import SCHEMA as GRADEBOOK_SCHEMA
from grader.gradebook.tables import Handin, Run
from grader.server import office as offices
from grader.server.database import Database, newest
from grader.server.office import Office, default_address
from grader.server.settings import system_clock
from grader.server.tables import AccountRow, Row, SessionRow, SubmissionRow, WorkerRow
from grader.server.uploads import path_of

SCHEMA = 1
MANIFEST, TABLES, UPLOADS = "manifest.json", "tables", "uploads"
LEFT_OUT = {SessionRow.__tablename__, WorkerRow.__tablename__}
KEPT: tuple[SqlTable, ...] = (
    *(table for table in Row.metadata.sorted_tables if table.name not in LEFT_OUT),
    *(table for table in Run.metadata.sorted_tables if table.name in (Run.__tablename__, Handin.__tablename__)),
)
"""In an order in which each row finds those that it refers to."""
LONGEST_MANIFEST = 1 << 20


@dataclass(frozen=True)
class Counted:
    """What a backup holds: rows by table, and files."""

    rows: Mapping[str, int]
    files: int


def write(office: Office, path: Path) -> Counted:
    """Write a backup to the new file `path`, in one step.

    Raises:
        ConfigError: the file is there already or cannot be written, or an uploaded file is missing.
    """
    if path.exists():
        raise ConfigError(f"{path}: is there already; expected a new file")
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w") as tar, office.database.reading() as session:
                counted = _write(office, tar, session)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        draft.unlink(missing_ok=True)
    return counted


def restore(path: Path, data: Path, address: str | None = None) -> Counted:
    """Make a server of a backup, in a folder and a database that hold none.

    Raises:
        ConfigError: there is a server already, or the file is no whole backup of this version; no row was written then.
    """
    with _opened(path) as tar:
        manifest = _manifest(path, tar)
        database = Database(address or default_address(_folder(data)))
        try:
            _empty(database)
        finally:
            database.close()
        files = _files(path, tar, data / UPLOADS)
        rows_of_files = _rows(path, tar, SubmissionRow.__tablename__)
        missing = {(row.get("sha256"), row.get("file_name")) for row in rows_of_files} - files
        if missing:
            raise ConfigError(f"{path}: {len(missing)} uploads are not in it, such as {missing.pop()[1]}; expected all")
        offices.begin(data, address)
        Gradebook(address or default_address(data)).close()
        database = Database(address or default_address(data))
        try:
            with database.writing() as session:
                rows = {table.name: _insert(session, table, path, tar, data / UPLOADS) for table in KEPT}
                for name, count in rows.items():
                    if manifest["rows"].get(name) != count:
                        raise ConfigError(f"{path}: {name} has {count} rows; expected {manifest['rows'].get(name)}")
                if database.kind == "postgresql":
                    _go_on_counting(session)
        finally:
            database.close()
    return Counted(rows, len(files))


def _write(office: Office, tar: tarfile.TarFile, session: Session) -> Counted:
    rows, uploads = {}, office.settings.uploads.absolute()
    for table in KEPT:
        lines = io.BytesIO()
        count = 0
        for row in session.execute(select(table)).mappings():
            lines.write(json.dumps({name: _plain(value, uploads) for name, value in row.items()}).encode() + b"\n")
            count += 1
        _add(tar, f"{TABLES}/{table.name}.jsonl", lines)
        rows[table.name] = count
    columns = select(SubmissionRow.sha256, SubmissionRow.file_name)
    files = sorted({(sha256, name) for sha256, name in session.execute(columns)})
    for sha256, name in files:
        source = path_of(uploads, sha256, name)
        if not source.is_file():
            raise ConfigError(f"{source}: is not there; a submission in the database is it")
        tar.add(source, f"{UPLOADS}/{sha256}/{name}", recursive=False, filter=_anonymous)
    manifest = {
        "schema": SCHEMA, "tables": newest(), "gradebook": GRADEBOOK_SCHEMA, "made": system_clock().isoformat(),
        "rows": rows, "files": len(files),
    }  # fmt: skip
    _add(tar, MANIFEST, io.BytesIO(json.dumps(manifest, indent=1).encode()))
    return Counted(rows, len(files))


def _anonymous(info: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without the machine's user and times."""
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mode, info.mtime = 0o644, 0
    return info


def _add(tar: tarfile.TarFile, name: str, content: io.BytesIO) -> None:
    info = _anonymous(tarfile.TarInfo(name))
    info.size = len(content.getvalue())
    content.seek(0)
    tar.addfile(info, content)


def _plain(value: Any, uploads: Path) -> Any:
    """A value as JSON has it; a path among the uploads from there on, for they may lie elsewhere later."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and value.startswith(f"{uploads}{os.sep}"):
        return f"{UPLOADS}:{value[len(str(uploads)) + 1 :]}"
    return value


def _opened(path: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(path, "r:")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except tarfile.TarError as error:
        raise ConfigError(f"{path}: is no backup of `grader server backup`: {error}") from None


def _manifest(path: Path, tar: tarfile.TarFile) -> dict[str, Any]:
    """The manifest, which is written last: a file without one was cut off."""
    try:
        manifest = json.loads(_member(path, tar, MANIFEST).read(LONGEST_MANIFEST))
        found = {key: manifest[key] for key in ("schema", "tables", "gradebook")}
        rows: object = manifest["rows"]
    except (ValueError, KeyError, TypeError):
        raise ConfigError(f"{path}: its {MANIFEST} is not what `grader server backup` writes") from None
    wanted = {"schema": SCHEMA, "tables": newest(), "gradebook": GRADEBOOK_SCHEMA}
    if found != wanted or not isinstance(rows, dict):
        raise ConfigError(f"{path}: is of version {found}; this grader reads {wanted}")
    return dict(manifest)


def _member(path: Path, tar: tarfile.TarFile, name: str) -> IO[bytes]:
    try:
        file = tar.extractfile(name)
    except (KeyError, tarfile.TarError, OSError) as error:
        raise ConfigError(f"{path}: holds no whole {name}: {error}") from None
    if file is None:
        raise ConfigError(f"{path}: {name} is no plain file")
    return file


def _rows(path: Path, tar: tarfile.TarFile, table: str) -> Iterator[dict[str, Any]]:
    name = f"{TABLES}/{table}.jsonl"
    with _member(path, tar, name) as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line)
            except ValueError:
                raise ConfigError(f"{path}: {name}, line {number}: not valid JSON") from None
            if not isinstance(row, dict):
                raise ConfigError(f"{path}: {name}, line {number}: is no row")
            yield row


def _files(path: Path, tar: tarfile.TarFile, uploads: Path) -> set[tuple[str, str]]:
    """Put the uploaded files into their places, each held against its hash."""
    found = set()
    for member in tar.getmembers():
        parts = PurePosixPath(member.name).parts
        if parts[0] != UPLOADS:
            continue
        if len(parts) != 3 or ".." in parts or not member.isfile():
            raise ConfigError(f"{path}: {member.name!r} is no upload")
        place = path_of(uploads, parts[1], parts[2])
        place.parent.mkdir(parents=True, exist_ok=True)
        content = _member(path, tar, member.name).read()
        if hashlib.sha256(content).hexdigest() != parts[1]:
            raise ConfigError(f"{path}: {member.name} is damaged: its hash is another one")
        with place.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        found.add((parts[1], parts[2]))
    return found


def _folder(data: Path) -> Path:
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{data}: cannot be made: {error.strerror}") from None
    return data


def _empty(database: Database) -> None:
    """Hold that the database holds no server."""
    if database.version() is None:
        return
    with database.reading() as session:
        people = session.scalar(select(func.count(AccountRow.id))) or 0
    if people:
        raise ConfigError(f"the database holds a course server with {people} accounts; expected one that holds none")


def _insert(session: Session, table: SqlTable, path: Path, tar: tarfile.TarFile, uploads: Path) -> int:
    """Put the rows of a table in; what `begin` put there before is put away."""
    session.execute(table.delete())
    moments = {column.name for column in table.columns if isinstance(column.type, Moment | DateTime)}
    count = 0
    for row in _rows(path, tar, table.name):
        if set(row) != {column.name for column in table.columns}:
            raise ConfigError(f"{path}: a row of {table.name} has other columns than this grader's")
        values = {name: _restored(value, name in moments, uploads) for name, value in row.items()}
        session.execute(insert(table).values(**values))
        count += 1
    return count


def _restored(value: Any, moment: bool, uploads: Path) -> Any:
    if moment and isinstance(value, str):
        return datetime.fromisoformat(value)
    if isinstance(value, str) and value.startswith(f"{UPLOADS}:"):
        return str(uploads.absolute() / value[len(UPLOADS) + 1 :])
    return value


def _go_on_counting(session: Session) -> None:
    """PostgreSQL counts ids apart from the rows."""
    for table in KEPT:
        if "id" in table.columns:
            highest = f"(SELECT coalesce(max(id), 1) FROM {table.name})"
            session.execute(text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {highest})"))
