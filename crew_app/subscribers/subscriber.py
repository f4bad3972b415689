from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crew_app.events import Event


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Somebody who reacts to what happened. It asks "what is to be done?", so being told twice does no harm.

    `once`: it looks at everything there is to do, so many events need only one call.
    """

    name: str
    on: tuple[type[Event], ...]
    react: Callable[[Event], None]
    once: bool = False

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(event.kind for event in self.on)
