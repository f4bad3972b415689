"""What runs beside the web server, and when."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, current_app
from huey import Huey, crontab

from crew_app.adapters.job_queue import open_queue
from crew_app.relay import deliver_pending
from crew_app.services.photos import forget_expired, sweep_incoming
from crew_app.services.surge import end_surges
from crew_app.services.suspicions import ask_for_photos
from crew_app.subscribers.dispatch import run_dispatch
from crew_app.transaction import system_clock, transaction


def tell() -> None:
    """Woken after each commit that wrote an event."""
    deliver_pending()


def each_minute() -> None:
    """What no event wakes: a shift began, a break ended, a crew is heard of again, an emergency is over; a lost wake-up call."""
    with transaction() as tx:
        ask_for_photos(tx)
        end_surges(tx)
    deliver_pending()
    run_dispatch(is_thorough=True)
    current_app.extensions["rate_limits"].forget_whole(system_clock().timestamp())


def each_night() -> None:
    """What nobody will come back for: uploads begun and left."""
    with transaction() as tx:
        forgotten, now = forget_expired(tx), tx.now
    sweep_incoming(now, forgotten)


TIMETABLE: tuple[tuple[Callable[[], None], dict[str, str]], ...] = (
    (each_minute, {"minute": "*"}),
    (each_night, {"hour": "8", "minute": "17"}),  # UTC; not on the hour, when everybody's jobs run
)


def bind_jobs(app: Flask) -> Huey:
    """Make the queue and let every commit wake the relay through it."""
    huey = open_queue(app.config["HUEY_URL"])

    def in_app(function: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            with app.app_context():
                function()

        run.__name__ = function.__name__
        return run

    call = huey.task(retries=0)(in_app(tell))

    def wake() -> None:
        """One call that waits is enough: whoever takes it reads the log after this commit. A call is a commit itself."""
        if not any(isinstance(task, call.task_class) for task in huey.pending()):
            call()

    for function, when in TIMETABLE:
        huey.periodic_task(crontab(**when))(in_app(function))
    app.extensions["huey"] = huey
    if not app.testing:  # tests call deliver_pending() where they want it
        app.extensions["wake_relay"] = wake
    return huey
