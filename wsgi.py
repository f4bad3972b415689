"""What a web server loads: `gunicorn wsgi:app`, `flask --app wsgi ...`."""

from config import Config
from crew_app.factory import create_app

app = create_app(Config())
