"""Starts web servers without the seconds that importing takes: all is imported once, each server is forked from here.

Started by rig.py. A line on standard input asks for a gunicorn (its arguments, as JSON); the answer is the id of its
process group. Nothing is opened before the fork, so each server is as fresh as one started by hand, and dies like one.
"""

from __future__ import annotations

import json
import os
import signal
import sys

import gunicorn.app.wsgiapp

import crew_app.factory  # noqa: F401  the seconds


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever is killed leaves nothing behind
    for line in iter(sys.stdin.readline, ""):
        pid = os.fork()
        if pid == 0:
            os.setsid()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            sys.stdin.close()
            silence = os.open(os.devnull, os.O_RDWR)
            os.dup2(silence, 1)
            os.dup2(silence, 2)
            sys.argv = ["gunicorn", *json.loads(line)]
            gunicorn.app.wsgiapp.run()
            os._exit(0)
        print(pid, flush=True)


if __name__ == "__main__":
    main()
