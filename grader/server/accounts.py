"""People: their tokens, roles, sessions in a browser, and pseudonyms.

A token is 256 random bits, shown once and kept as a hash; so is the cookie of a session. A session ends with the token
it was begun with.
"""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as Transaction

from grader.errors import ConfigError
from grader.server import pseudonym as pseudonyms
from grader.server.audit import Audit
from grader.server.database import Database
from grader.server.errors import Conflict, NotFound, Unauthorized
from grader.server.role import Role
from grader.server.settings import Settings
from grader.server.tables import AccountRow, SessionRow, TokenRow

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
TOKEN_BEGINS = "gr_"
"""So that a scanner for leaked secrets can know one."""


@dataclass(frozen=True)
class Account:
    """A person. `name` is what staff call them; it is never shown to others."""

    id: int
    name: str
    role: Role
    pseudonym: str
    closed: bool = False

    @property
    def staff(self) -> bool:
        """Whether they see what is not their own."""
        return self.role is not Role.STUDENT


@dataclass(frozen=True)
class Session:
    """A browser that is logged in; `cookie` is empty where it was read back: nobody has it but the browser."""

    account: Account
    cookie: str
    csrf: str
    expires_at: datetime


class Accounts:
    """The people of one server."""

    def __init__(self, database: Database, audit: Audit, settings: Settings) -> None:
        self._database, self._audit, self._settings = database, audit, settings

    def add(self, name: str, role: Role, *, actor: str) -> str:
        """Make an account, or another token for one that is there, and return the token.

        Raises:
            ConfigError: no such name can be given, or the account has another role.
        """
        if not NAME.fullmatch(name):
            raise ConfigError(f"account {name!r}: expected 1 to 64 of a-z, 0-9 and ._-, and a letter or digit first")
        token = TOKEN_BEGINS + secrets.token_urlsafe(32)
        now = self._audit.now()
        with self._database.writing() as session:
            row = session.scalar(select(AccountRow).where(AccountRow.name == name).with_for_update())
            if row is None:
                drawn = self._free_pseudonym(session)
                row = AccountRow(
                    name=name, role=role.value, pseudonym=drawn, pseudonym_key=pseudonyms.key(drawn), created_at=now
                )
                session.add(row)
                session.flush()
                self._audit.note(session, actor, "account made", name, role=role.value)
            elif row.role != role.value:
                raise ConfigError(
                    f"account {name!r} is there already as {row.role}; expected the same role, or another name"
                )
            elif row.closed_at is not None:
                row.closed_at = None
                self._audit.note(session, actor, "account opened", name)
            session.add(TokenRow(account_id=row.id, hash=hashed(token), created_at=now))
            self._audit.note(session, actor, "token made", name)
        return token

    def revoke(self, name: str, *, close: bool, actor: str) -> int:
        """Make all tokens of an account worthless, end its sessions, and say how many tokens there were; with `close`
        the account is closed, too, until another token is made.

        Raises:
            ConfigError: there is no such account.
        """
        now = self._audit.now()
        with self._database.writing() as session:
            row = session.scalar(select(AccountRow).where(AccountRow.name == name).with_for_update())
            if row is None:
                raise ConfigError(f"account {name!r}: there is none of that name")
            valid = select(TokenRow.id).where(TokenRow.account_id == row.id, TokenRow.revoked_at.is_(None))
            ids = list(session.scalars(valid))
            session.execute(delete(SessionRow).where(SessionRow.token_id.in_(ids)))
            session.execute(update(TokenRow).where(TokenRow.id.in_(ids)).values(revoked_at=now))
            if close:
                row.closed_at = now
            self._audit.note(session, actor, "account closed" if close else "tokens revoked", name, tokens=len(ids))
        return len(ids)

    def list(self) -> Sequence[Account]:
        """All accounts, by name."""
        with self._database.reading() as session:
            return [_account(row) for row in session.scalars(select(AccountRow).order_by(AccountRow.name))]

    def by_token(self, token: str) -> Account:
        """Whose token this is.

        Raises:
            Unauthorized: nobody's.
        """
        with self._database.reading() as session:
            return _account(_token(session, token)[1])

    def log_in(self, token: str, address: str) -> Session:
        """Begin a session.

        Raises:
            Unauthorized: the token is nobody's.
        """
        cookie, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        now = self._audit.now()
        expires = now + timedelta(hours=self._settings.session_hours)
        with self._database.writing() as session:
            found, account = _token(session, token)
            session.execute(delete(SessionRow).where(SessionRow.expires_at <= now))
            session.add(
                SessionRow(hash=hashed(cookie), token_id=found.id, csrf=csrf, created_at=now, expires_at=expires)
            )
            self._audit.note(session, account.name, "logged in", account.name, address=address)
            return Session(_account(account), cookie, csrf, expires)

    def by_session(self, cookie: str) -> Session | None:
        """The session of a cookie; None where it is unknown or has expired."""
        chosen = (
            select(SessionRow, AccountRow)
            .join(TokenRow, SessionRow.token_id == TokenRow.id)
            .join(AccountRow, TokenRow.account_id == AccountRow.id)
            .where(SessionRow.hash == hashed(cookie), AccountRow.closed_at.is_(None))
        )
        with self._database.reading() as session:
            found = session.execute(chosen).first()
        if found is None or found[0].expires_at <= self._audit.now():
            return None
        return Session(_account(found[1]), "", found[0].csrf, found[0].expires_at)

    def log_out(self, cookie: str) -> None:
        """End a session, if there is one."""
        with self._database.writing() as session:
            session.execute(delete(SessionRow).where(SessionRow.hash == hashed(cookie)))

    def choose_pseudonym(self, account: Account, wanted: str, address: str = "") -> Account:
        """Take another pseudonym.

        Raises:
            Refused: no such pseudonym can be had; Conflict: somebody has it, or it is somebody's name.
        """
        chosen = pseudonyms.checked(wanted)
        key = pseudonyms.key(chosen)
        taken = Conflict(f"the pseudonym {chosen!r} is taken; expected another one")
        try:
            with self._database.writing() as session:
                row = session.get_one(AccountRow, account.id, with_for_update=True)
                if any(pseudonyms.key(name) == key for name in session.scalars(select(AccountRow.name))):
                    raise taken
                row.pseudonym, row.pseudonym_key = chosen, key
                self._audit.note(session, row.name, "pseudonym chosen", chosen, address=address)
                return _account(row)
        except IntegrityError:
            raise taken from None

    def redraw_pseudonym(self, staff: Account, name: str, address: str = "") -> Account:
        """Take a pseudonym that nobody should have to read from its owner, and draw another.

        Raises:
            NotFound: there is no such account.
        """
        with self._database.writing() as session:
            row = session.scalar(select(AccountRow).where(AccountRow.name == name).with_for_update())
            if row is None:
                raise NotFound("there is no account of that name")
            before, row.pseudonym = row.pseudonym, self._free_pseudonym(session)
            row.pseudonym_key = pseudonyms.key(row.pseudonym)
            self._audit.note(session, staff.name, "pseudonym redrawn", name, address=address, was=before)
            return _account(row)

    def _free_pseudonym(self, session: Transaction) -> str:
        while True:
            drawn = pseudonyms.drawn()
            taken = select(AccountRow.id).where(AccountRow.pseudonym_key == pseudonyms.key(drawn))
            if session.scalar(taken) is None:
                return drawn


def hashed(secret: str) -> str:
    """What is kept of a token or cookie."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _token(session: Transaction, token: str) -> tuple[TokenRow, AccountRow]:
    chosen = (
        select(TokenRow, AccountRow)
        .join(AccountRow, TokenRow.account_id == AccountRow.id)
        .where(TokenRow.hash == hashed(token), TokenRow.revoked_at.is_(None), AccountRow.closed_at.is_(None))
    )
    found = session.execute(chosen).first()
    if found is None:
        raise Unauthorized("this token is not valid; ask the staff for one")
    return found[0], found[1]


def _account(row: AccountRow) -> Account:
    return Account(row.id, row.name, Role(row.role), row.pseudonym, row.closed_at is not None)
