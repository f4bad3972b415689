"""A GeoReport client for tests: asks in XML or JSON and hands back what was said."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

from flask.testing import FlaskClient

V2 = "/open311/v2"


class Open311Client:
    def __init__(self, client: FlaskClient, api_key: str) -> None:
        self.client, self.api_key = client, api_key

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"{V2}/{path}", query_string=query)

    def json(self, path: str, **query: Any) -> Any:
        answer = self.get(f"{path}.json", **query)
        assert answer.content_type == "application/json; charset=utf-8"
        return json.loads(answer.data)

    def xml(self, path: str, **query: Any) -> ElementTree.Element:
        answer = self.get(f"{path}.xml", **query)
        assert answer.content_type == "text/xml; charset=utf-8"
        assert answer.data.lower().startswith(b"<?xml version='1.0' encoding='utf-8'?>")
        return ElementTree.fromstring(answer.data)

    def post(self, path: str = "requests.json", **form: Any) -> Any:
        """As the given form says, on top of a good report; None leaves a field out."""
        good = {"api_key": self.api_key, "service_code": "pothole", "lat": "42.35", "long": "-71.09", "description": "A hole"}
        return self.client.post(f"{V2}/{path}", data={k: v for k, v in (good | form).items() if v is not None})

    def posted(self, **form: Any) -> str:
        """The number of a new case."""
        answer = self.post(**form)
        assert answer.status_code == 200, answer.text
        return str(json.loads(answer.data)[0]["service_request_id"])

    def update(self, number: str, **form: Any) -> Any:
        good = {
            "api_key": self.api_key,
            "service_request_id": number,
            "update_id": "7",
            "status": "OPEN",
            "updated_datetime": "2026-11-20T10:00:00Z",
            "description": "Still there",
        }
        data = {k: v for k, v in (good | form).items() if v is not None}
        return self.client.post(f"{V2}/servicerequestupdates.json", data=data)

    def request(self, number: str, **query: Any) -> dict[str, Any]:
        said = self.json(f"requests/{number}", **query)
        assert isinstance(said, list) and len(said) == 1
        return dict(said[0])


def errors(answer: Any) -> tuple[int, list[str]]:
    """(HTTP status, descriptions) of a refusal in either format; each entry repeats the status as its code."""
    if answer.content_type.startswith("application/json"):
        said = json.loads(answer.data)
    else:
        root = ElementTree.fromstring(answer.data)
        assert root.tag == "errors" and all(entry.tag == "error" for entry in root)
        said = [{"code": int(e.findtext("code") or 0), "description": e.findtext("description")} for e in root]
    assert isinstance(said, list) and said
    assert all(set(one) == {"code", "description"} and one["code"] == answer.status_code for one in said)
    return answer.status_code, [one["description"] for one in said]
