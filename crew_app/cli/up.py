from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from crew_app.cli.demo import DEMO_SIGN_INS
from crew_app.extensions import db
from crew_app.models import Person

STARTS_WITHIN_S = 30
STOPS_WITHIN_S = 35


@click.command()
@with_appcontext
def up() -> None:
    """Start web server and worker together, and stop them together."""
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "3110"))
    if _answers(host, port):
        raise click.ClickException(f"Port {port} is taken. Choose another: PORT=3111 make run")
    bin_folder = Path(sys.executable).parent
    processes = [
        subprocess.Popen([bin_folder / "gunicorn", "--config", "gunicorn.conf.py", "--log-level", "warning"]),
        subprocess.Popen([bin_folder / "flask", "--app", "wsgi", "worker"], stdout=subprocess.DEVNULL),
    ]
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        _wait_until_up(host, port, processes)
        _print_addresses(f"http://localhost:{port}")
        while all(process.poll() is None for process in processes):
            time.sleep(0.5)
        raise click.ClickException("One of the two processes has stopped; so the other is stopped, too.")
    finally:
        _stop(processes)


def _answers(host: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


def _wait_until_up(host: str, port: int, processes: Sequence[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while not _answers(host, port):
        if time.monotonic() > deadline or any(process.poll() is not None for process in processes):
            raise click.ClickException("The server did not start; its own words are above.")
        time.sleep(0.1)


def _print_addresses(address: str) -> None:
    click.echo(f"\nCrew311 is up. Stop it with Ctrl-C.\n\n  Residents    {address}/\n  Phone app    {address}/crew/")
    click.echo(f"  Console      {address}/console/\n")
    known = set(db.session.scalars(select(Person.email).where(Person.email.in_([s.email for s in DEMO_SIGN_INS]))))
    for sign_in in DEMO_SIGN_INS:
        if sign_in.email in known:
            click.echo(f"  {sign_in.role_in_words:<24} {sign_in.email:<26} {sign_in.password}")
    click.echo("", nl=True)
    sys.stdout.flush()


def _stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
