from flask.testing import FlaskClient


def test_a_migrated_city_is_ready(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200, answer.json
    assert answer.json == {"status": "ready", "checks": {"database": True, "migrations": True, "photos": True, "clock": True}}
