"""What runs beside the web server, and when."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, current_app
from huey import Huey, crontab

from crew_app.adapters.job_queue import open_queue
from crew_app.extensions import db
from crew_app.relay import deliver_pending
from crew_app.services.backups import backup_folder, begin_chain, copy_all_photos, drop_old_chains, keep_the_minute, sqlite_file
from crew_app.services.erasure import forget_the_old, keep_list
from crew_app.services.followers import forget_idle
from crew_app.services.notices import is_any_due
from crew_app.services.photos import forget_expired, sweep_incoming
from crew_app.services.surge import end_surges
from crew_app.services.suspicions import ask_for_photos
from crew_app.subscribers.dispatch import run_dispatch
from crew_app.subscribers.followers import send_letters
from crew_app.subscribers.web_push import send_notices
from crew_app.transaction import system_clock, transaction


def tell() -> None:
    """Woken after each commit that wrote an event."""
    deliver_pending()


def push() -> None:
    """Wakes phones: beside the rest, for it waits for other people's servers."""
    send_notices()


def push_again() -> None:
    """What a push service could not take a while ago; a wake-up call that got lost."""
    send_notices()


def write_letters() -> None:
    """News for followers: a mail server is asked, so apart from the rest."""
    send_letters()


def each_minute() -> None:
    """What no event wakes: a shift began, a break ended, a crew is heard of again; a wake-up call that got lost."""
    deliver_pending()
    run_dispatch(is_thorough=True)
    current_app.extensions["rate_limits"].forget_whole(system_clock().timestamp())
    if backups := backup_folder():
        keep_the_minute(backups, system_clock())
        keep_list(db.session, backups)


def see_what_is_due() -> None:
    """Photos that should have come by now; an emergency that is over. Apart from dispatch: neither holds up the other."""
    with transaction() as tx:
        ask_for_photos(tx)
    with transaction() as tx:
        end_surges(tx)


def each_night() -> None:
    """What nobody will come back for: uploads begun and left, questions nobody answered. And a new day's backup."""
    with transaction() as tx:
        forgotten, now = forget_expired(tx), tx.now
    sweep_incoming(now, forgotten)
    with transaction() as tx:
        forget_idle(tx)
    if months := current_app.config["RETENTION_MONTHS"]:
        with transaction() as tx:
            forget_the_old(tx, months)
    if backups := backup_folder():
        copy_all_photos(backups)
        if sqlite_file():
            begin_chain(backups, now)
            drop_old_chains(backups, now, current_app.config["BACKUP_DAYS"])


TIMETABLE: tuple[tuple[Callable[[], None], dict[str, str]], ...] = (
    (each_minute, {"minute": "*"}),
    (see_what_is_due, {"minute": "*"}),
    (push_again, {"minute": "*"}),
    (write_letters, {"minute": "*"}),
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

    def once(function: Callable[[], None]) -> Callable[[], None]:
        call = huey.task(retries=0)(in_app(function))

        def wake() -> None:
            """One call that waits is enough: whoever takes it reads the log after this commit. A call is a commit itself."""
            if not any(isinstance(task, call.task_class) for task in huey.pending()):
                call()

        return wake

    wake_push = once(push)

    def tell_and_push() -> None:
        tell()
        if is_any_due(db.session, system_clock()):
            wake_push()

    tell_and_push.__name__ = tell.__name__
    wake = once(tell_and_push)

    for function, when in TIMETABLE:
        huey.periodic_task(crontab(**when))(in_app(function))
    app.extensions["huey"] = huey
    if not app.testing:  # tests call deliver_pending() where they want it
        app.extensions["wake_relay"] = wake
    return huey
