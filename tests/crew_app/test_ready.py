from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from config import Config
from crew_app.transaction import system_clock


def test_a_migrated_city_is_ready(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200, answer.json
    assert answer.json == {"status": "ready", "checks": {"database": True, "migrations": True, "photos": True, "clock": True}}


def test_a_hole_in_the_citys_security_can_be_told_to_somebody(app, client: FlaskClient) -> None:
    assert client.get("/.well-known/security.txt").status_code == 404
    app.config["SECURITY_CONTACT"] = "mailto:security@city.test"
    answer = client.get("/.well-known/security.txt")
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"] == "mailto:security@city.test"
    assert system_clock() + timedelta(days=80) < datetime.fromisoformat(fields["Expires"]) < system_clock() + timedelta(days=365)
    assert fields["Canonical"].endswith("/.well-known/security.txt")


def test_a_contact_that_is_no_address_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"SECURITY_CONTACT='security@city\.test'"):
        Config({"INSTANCE": str(tmp_path), "SECRET_KEY": "test", "SECURITY_CONTACT": "security@city.test"})
