"""People who sign in."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select

from crew_app.extensions import AnySession
from crew_app.models import Person, Role
from crew_app.transaction import Tx

HASHER = PasswordHasher()
# Checked when the address is unknown, so that a wrong address takes as long as a wrong password.
NOBODYS_HASH = HASHER.hash("nobody")


def hash_password(password: str) -> str:
    return HASHER.hash(password)


def person_who_signs_in(session: AnySession, email: str, password: str) -> Person | None:
    """The person with this address and password, or None."""
    person = session.scalar(select(Person).where(Person.email == email.strip().lower()))
    try:
        HASHER.verify(person.password_hash if person else NOBODYS_HASH, password)
    except (VerificationError, InvalidHashError):
        return None
    return person if person is not None and person.enabled else None


def add_person(
    tx: Tx, email: str, name: str, password: str, role: Role, *, crew_id: int | None = None, department_id: int | None = None
) -> Person:
    person = Person(
        email=email.strip().lower(),
        name=name,
        password_hash=hash_password(password),
        role=role,
        crew_id=crew_id,
        department_id=department_id,
        enabled=True,
    )
    tx.session.add(person)
    tx.session.flush()
    return person
