"""People who sign in."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select

from crew_app.errors import BadInput
from crew_app.extensions import AnySession
from crew_app.models import Crew, Department, Person, Role
from crew_app.services.settings import add_setting, change_setting
from crew_app.services.sign_ins import end_sign_ins
from crew_app.transaction import Tx

HASHER = PasswordHasher()
SHORTEST_PASSWORD = 12
# What the passwords that are tried first are made of; a password must have something beside these and the person's own name.
EASY_WORDS = (
    "password", "passwort", "passw0rd", "qwertyuiop", "qwerty", "asdfgh", "zxcvbn", "1q2w3e4r", "letmein", "welcome", "iloveyou",
    "administrator", "admin", "sunshine", "princess", "football", "baseball", "dragon", "monkey", "master", "abc123", "abcdef",
    "1234567890", "123456789", "12345678", "1234567", "123456", "12345", "1234", "0987654321", "987654321", "654321",
    "crew311", "crew", "city", "311", "summer", "winter", "spring", "autumn", "2024", "2025", "2026", "2027",
)  # fmt: skip
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


def is_password_of(person: Person, password: str) -> bool:
    try:
        return HASHER.verify(person.password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def change_own_password(tx: Tx, person: Person, password: str) -> None:
    """BadInput if the new one is easily guessed."""
    if wrong := why_weak(password, person):
        raise BadInput("Please choose another password.", errors={"new": [wrong]})
    change_setting(tx, person, {"password_hash": hash_password(password)}, person.id)


def why_weak(password: str, person: Person) -> str:
    """What makes it easy to guess, in words; "" if nothing does. Length counts, not kinds of characters."""
    plain = password.lower()
    if len(password) < SHORTEST_PASSWORD:
        return f"Write at least {SHORTEST_PASSWORD} characters."
    own = [word for word in re.split(r"[\W_]+", f"{person.name} {person.email}".lower()) if len(word) > 3]
    rest = plain
    for word in (*own, *EASY_WORDS):
        rest = rest.replace(word, "")
    if len(set(rest)) < 5:
        return "This one is easily guessed. Take three or four words that do not belong together."
    return ""


def new_words() -> str:
    """A password to be told to somebody once."""
    return "-".join(secrets.token_hex(2) for _ in range(3))


def employ(tx: Tx, values: Mapping[str, Any], person_id: int) -> tuple[Person, str]:
    """Somebody new, and the password to tell them. BadInput if the address is taken."""
    values = checked_person(tx, values)
    words = new_words()
    person = Person(**values, password_hash=hash_password(words), enabled=True)
    add_setting(tx, person, person_id)
    return person, words


def change_person(tx: Tx, person: Person, values: Mapping[str, Any], by: int) -> None:
    change_setting(tx, person, checked_person(tx, values, person), by)


def switch_person(tx: Tx, person: Person, enabled: bool, by: int) -> None:
    """Whoever is switched off is out at the next request. Their unsent work stays on their phone and under their name."""
    change_setting(tx, person, {"enabled": enabled}, by)
    if not enabled:
        end_sign_ins(tx, person.id, by)


def give_new_password(tx: Tx, person: Person, by: int) -> str:
    words = new_words()
    change_setting(tx, person, {"password_hash": hash_password(words)}, by)
    end_sign_ins(tx, person.id, by)
    return words


def checked_person(tx: Tx, values: Mapping[str, Any], person: Person | None = None) -> dict[str, Any]:
    """The columns, if they fit: a crew member is in a crew, and has its department; an address is one person's."""
    errors: dict[str, list[str]] = {}
    email = values["email"].lower()
    taken = tx.session.scalar(select(Person.id).where(Person.email == email))
    if taken is not None and (person is None or taken != person.id):
        errors["email"] = ["Somebody has this address already."]
    crew = tx.session.get(Crew, values["crew_id"]) if values["crew_id"] else None
    if values["crew_id"] and crew is None:
        errors["crew"] = ["There is no such crew."]
    elif values["role"] == Role.CREW and crew is None:
        errors["crew"] = ["Choose the crew."]
    if values["department_id"] and tx.session.get(Department, values["department_id"]) is None:
        errors["department"] = ["There is no such department."]
    if errors:
        raise BadInput("Please look at the form again.", errors=errors)
    department_id = None if crew is not None else values["department_id"]
    return {
        "email": email,
        "name": values["name"],
        "role": values["role"],
        "crew_id": values["crew_id"],
        "department_id": department_id,
    }


def person_of_city_account(tx: Tx, subject: str, email: str) -> Person | None:
    """Whom the city's own sign-in means. The first time by the address it vouches for; from then on by who they are there.

    Nobody is made this way: who works here, and as what, is said by somebody above.
    """
    person = tx.session.scalar(select(Person).where(Person.city_account == subject))
    if person is None and email:
        person = tx.session.scalar(select(Person).where(Person.email == email.strip().lower(), Person.city_account.is_(None)))
        if person is not None:
            change_setting(tx, person, {"city_account": subject}, person.id, said="the city’s own sign-in")
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
