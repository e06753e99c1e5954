"""What the server refuses, and the code of HTTP that says so.

::

    GraderError
    └── ServerRefusal    one line for whoever asked
        ├── Unauthorized 401   no valid token or session
        ├── Forbidden    403   not theirs to do, or a form that is not from this server
        ├── NotFound     404   there is none, or none that this person may see
        ├── Conflict     409   what stands in the way is here already
        ├── TooLarge     413   more bytes than may come
        ├── Refused      422   what was sent cannot be taken
        ├── RateLimited  429   too often, or too much at once
        └── Unavailable  503   the database does not answer
"""

from grader.errors import GraderError


class ServerRefusal(GraderError):
    """A request that is not answered as it was meant; `status` is the code of HTTP."""

    status = 400


class Unauthorized(ServerRefusal):
    """Nobody we know."""

    status = 401


class Forbidden(ServerRefusal):
    """Somebody we know, who may not do this."""

    status = 403


class NotFound(ServerRefusal):
    """Nothing there, or nothing that this person may see: the two are not told apart."""

    status = 404


class Conflict(ServerRefusal):
    """Something of that name, or in that state, is there already."""

    status = 409


class TooLarge(ServerRefusal):
    """More bytes than this server takes."""

    status = 413


class Refused(ServerRefusal):
    """What was sent is not what was expected; the message says both."""

    status = 422


class RateLimited(ServerRefusal):
    """Too often; `seconds` until it may be tried again."""

    status = 429

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class Unavailable(ServerRefusal):
    """The database does not answer; nothing was written."""

    status = 503
