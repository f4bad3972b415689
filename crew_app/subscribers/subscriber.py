from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crew_app.events import Event


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Somebody who reacts to what happened. It asks "what is to be done?", so being told twice does no harm.

    `once`: it looks at everything there is to do, so many events need only one call. `at_once`: how many events it is
    told of before others have their turn.
    """

    name: str
    on: tuple[type[Event], ...]
    react: Callable[[Event], None]
    once: bool = False
    at_once: int = 500

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(event.kind for event in self.on)
