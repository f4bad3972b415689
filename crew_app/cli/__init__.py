"""`flask --app wsgi ...`: what the person who runs the server types."""

from click import Command

from crew_app.cli.api_keys import api_keys
from crew_app.cli.backup import backup
from crew_app.cli.basemap import basemap
from crew_app.cli.demo import demo
from crew_app.cli.dispatch import dispatch
from crew_app.cli.export import export
from crew_app.cli.import_cases import import_cases
from crew_app.cli.init import init
from crew_app.cli.replay import replay
from crew_app.cli.restore import restore
from crew_app.cli.roads import roads
from crew_app.cli.up import up
from crew_app.cli.worker import worker

COMMANDS: tuple[Command, ...] = (
    init,
    demo,
    import_cases,
    export,
    api_keys,
    dispatch,
    replay,
    roads,
    basemap,
    backup,
    restore,
    worker,
    up,
)
