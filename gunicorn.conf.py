"""The web server's settings; a deployment overrides them by environment."""

import os
import shutil
from pathlib import Path
from typing import Any

# Each process writes its request times here, and whichever is asked adds them up. Set before anything imports the client.
figures = Path(os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(Path(os.environ.get("INSTANCE", "instance")) / "figures")))

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '3110')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_PROCESSES", "2"))
threads = int(os.environ.get("WEB_THREADS", "64"))  # threads are cheap; a photo on a slow link holds one for minutes
timeout = 120
graceful_timeout = 30
keepalive = 30  # longer than the pause between a phone's requests, so that a batch of photos shares one connection
accesslog = None
wsgi_app = "wsgi:app"


def post_worker_init(worker: Any) -> None:
    """The desks' live streams end when their process is told to stop; otherwise it would wait for them (routes/live.py)."""
    worker.wsgi.extensions["is_stopping"] = lambda: not worker.alive


def on_starting(_server: Any) -> None:
    """Begin the figures anew: what processes of an earlier start wrote is over."""
    shutil.rmtree(figures, ignore_errors=True)
    figures.mkdir(parents=True)


def child_exit(_server: Any, worker: Any) -> None:
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)
