"""Everything that can be said no to, and its one shape on the wire (RFC 9457 problem+json).

    Problem                    a request that cannot be carried out; has a status, a code and words
    ├── BadInput               400  what was sent cannot be read; names each field
    ├── SignInNeeded           401  we do not know who is asking
    ├── NotAllowed             403  we know, and this person may not
    ├── NotFound               404  there is no such thing, or this person may not know of it
    ├── Conflict               409  it was possible a moment ago; something has changed
    ├── TooLarge               413  more bytes than agreed
    ├── Busy                   503  try again in a moment; says when
    └── Full                   507  there is no room now; what is here stays, what you have must be kept

Expected outcomes of work (a closure that needs review, a case that waits) are values, never exceptions.
"""

from __future__ import annotations

from typing import Any


class Problem(Exception):
    """A refusal with a status, a stable code, and a sentence that says what to do."""

    status = 400
    code = "problem"
    title = "This could not be done"
    retry_after_s: int | None = None  # when to ask again

    def __init__(self, detail: str, *, errors: dict[str, Any] | None = None, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors or {}
        self.code = code or type(self).code

    def body(self) -> dict[str, Any]:
        """The problem as RFC 9457 says it; `errors` maps a field's path to what is wrong with it."""
        body: dict[str, Any] = {
            "type": f"urn:crew311:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = _by_name(self.errors)
        return body


def _by_name(errors: Any) -> Any:
    """Fields by name; a place in a list is a name, too (marshmallow mixes numbers and names, which cannot be sorted)."""
    return {str(name): _by_name(words) for name, words in errors.items()} if isinstance(errors, dict) else errors


class BadInput(Problem):
    status, code, title = 400, "bad-input", "Something in this request cannot be read"


class SignInNeeded(Problem):
    status, code, title = 401, "sign-in-needed", "Please sign in"


class NotAllowed(Problem):
    status, code, title = 403, "not-allowed", "You may not do this"


class NotFound(Problem):
    status, code, title = 404, "not-found", "There is nothing here"


class Conflict(Problem):
    status, code, title = 409, "conflict", "This has changed in the meantime"


class TooLarge(Problem):
    status, code, title = 413, "too-large", "This is larger than agreed"


class TooMany(Problem):
    status, code, title = 429, "too-many", "Too many requests"

    def __init__(self, detail: str, *, retry_after_s: int, code: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.retry_after_s = retry_after_s


class Busy(Problem):
    status, code, title = 503, "busy", "The city is busy; this will be tried again"
    retry_after_s = 5


class Full(Busy):
    status, code, title = 507, "full", "The city has no room for this right now"
    retry_after_s = 60
