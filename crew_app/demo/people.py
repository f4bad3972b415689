"""Who signs in, and the names of people who do not exist."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crew_app.demo.city import PHONE_CREW, SECOND_PHONE_CREW
from crew_app.models import Role

DEMO_PASSWORD = "demo-311"  # noqa: S105  printed on the screen on purpose


@dataclass(frozen=True, slots=True)
class SignIn:
    email: str
    name: str
    role: Role
    role_in_words: str
    crew: str | None = None
    password: str = DEMO_PASSWORD


DEMO_SIGN_INS: tuple[SignIn, ...] = (
    SignIn("crew@demo.city", "Rosa Delgado", Role.CREW, f"Crew phone ({PHONE_CREW})", PHONE_CREW),
    SignIn("crew2@demo.city", "Sam Okafor", Role.CREW, f"Crew phone ({SECOND_PHONE_CREW})", SECOND_PHONE_CREW),
    SignIn("dispatcher@demo.city", "Dora Lindqvist", Role.DISPATCHER, "Dispatcher"),
    SignIn("supervisor@demo.city", "Sue Nakamura", Role.SUPERVISOR, "Supervisor"),
    SignIn("calls@demo.city", "Cal Moreau", Role.CALL_TAKER, "Call taker"),
    SignIn("admin@demo.city", "Ada Brennan", Role.ADMIN, "Administrator"),
)

FIRST_NAMES = (
    "Ana", "Andre", "Aisha", "Ben", "Carla", "Chen", "Claudette", "Daniel", "Denise", "Deshawn", "Eileen", "Fatima", "Frank",
    "Gloria", "Hassan", "Helen", "Ibrahim", "Ines", "Jamal", "Jean", "Joao", "Kayla", "Keisha", "Liam", "Linh", "Lucia",
    "Marcus", "Maria", "Mei", "Miguel", "Nadia", "Nuno", "Olga", "Omar", "Patrice", "Pierre", "Priya", "Quan", "Rafael",
    "Sean", "Sofia", "Tamika", "Thanh", "Tomas", "Vera", "Wendy", "Xavier", "Yusuf", "Zoe",
)  # fmt: skip
LAST_NAMES = (
    "Alves", "Baptiste", "Barros", "Brady", "Burke", "Cabral", "Chan", "Costa", "Cruz", "Daley", "Diaz", "Dubois", "Evans",
    "Farah", "Ferreira", "Flores", "Flynn", "Gomes", "Grant", "Hussein", "Jackson", "Joseph", "Keane", "Kelly", "Lam", "Le",
    "Lopes", "Mahoney", "Mendes", "Mitchell", "Monteiro", "Ng", "Nguyen", "Ortiz", "Patel", "Pham", "Pierre", "Pina", "Reyes",
    "Rossi", "Santos", "Sullivan", "Tavares", "Tran", "Walsh", "Williams", "Wong", "Young",
)  # fmt: skip


def make_name(rng: random.Random) -> str:
    return f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}"


def make_contact(rng: random.Random) -> dict[str, str | None]:
    """A resident's name, e-mail address and telephone number; none of them can reach anybody."""
    name = make_name(rng)
    email = f"{name.lower().replace(' ', '.')}@example.org" if rng.random() < 0.7 else None
    phone = f"617-555-01{rng.randrange(100):02d}" if email is None or rng.random() < 0.4 else None
    return {"name": name, "email": email, "phone": phone}
