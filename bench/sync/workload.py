"""The made-up city both servers get: the same cases, words and photos, from one seed."""

from __future__ import annotations

import hashlib
import random
from typing import Any

PHOTO_BYTES = 200_000
WORDS = [
    "pothole",
    "corner",
    "deep",
    "cars",
    "swerve",
    "since",
    "last",
    "week",
    "the",
    "rain",
    "made",
    "it",
    "worse",
    "near",
    "bus",
    "stop",
    "children",
    "cross",
    "here",
    "light",
    "is",
    "out",
    "again",
    "sidewalk",
    "broken",
    "tree",
    "root",
    "wheelchair",
    "cannot",
    "pass",
    "trash",
    "bags",
    "left",
    "by",
    "gate",
    "smell",
    "rats",
    "seen",
    "at",
    "night",
    "water",
    "leaks",
    "from",
    "hydrant",
    "sign",
    "bent",
    "pole",
    "leaning",
    "graffiti",
    "on",
    "wall",
    "school",
    "please",
    "come",
    "before",
    "winter",
    "neighbour",
    "called",
    "twice",
    "nobody",
    "came",
]
STREETS = ("Henchman St", "Blue Hill Ave", "Dorchester Ave", "Hyde Park Ave", "Centre St", "Beacon St", "Tremont St", "Adams St")


def cases(crew: str, n: int) -> list[dict[str, Any]]:
    """n cases of 0.6 to 1.2 kB each, as a phone gets them."""
    dice = random.Random(f"crew311/{crew}")
    return [
        {
            "description": " ".join(dice.choices(WORDS, k=dice.randint(20, 120))).capitalize() + ".",
            "address": f"{dice.randint(1, 999)} {dice.choice(STREETS)}, Boston, 02{dice.randint(100, 199)}",
            "latitude": round(dice.uniform(42.23, 42.39), 6),
            "longitude": round(dice.uniform(-71.17, -71.0), 6),
            "opened_s_ago": dice.randrange(30 * 86400),
            "due_in_s": dice.randrange(-5 * 86400, 10 * 86400),
            "metres": round(dice.uniform(50, 5000), 1),
        }
        for _ in range(n)
    ]


def note(case_id: int) -> str:
    return " ".join(random.Random(f"note/{case_id}").choices(WORDS, k=15)).capitalize() + "."


def uuid_of(name: str) -> str:
    digits = hashlib.sha256(name.encode()).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-7{digits[13:16]}-8{digits[17:20]}-{digits[20:32]}"


def photo_bytes(name: str, size: int = PHOTO_BYTES) -> bytes:
    """Like a JPEG in what matters: they do not compress."""
    blocks = b"".join(hashlib.sha256(f"{name}/{i}".encode()).digest() for i in range(-(-size // 32)))
    return b"\xff\xd8\xff\xe0" + blocks[4:size]
