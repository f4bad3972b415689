"""Who may ask for what: each route of the app in a line, each kind of person in a column. tests/authz/check.py asks them all.

**To add a route:** a line with its method, an address that the route matches, its cells (one for each column; most routes are
for one of the kinds below), and what a good request sends (form, json, data, file, headers, query_string). {names} in braces
are things of town.py. All of them belong to Public Works, so the columns of Parks are "the other department".

A cell says:  ok   it is done (below 400)
              in   sign in first (401, or the way to the sign-in page)
              no   not with this role, or not another department's (403)
              --   there is no such thing, as far as this person may know (404)
A request that is refused must also leave the database as it was.
"""

from __future__ import annotations

from typing import Any

# fmt: off
COLUMNS = [
    "nobody",
    "crew", "mate", "parks_crew",
    "taker", "parks_taker",
    "dispatcher", "works_dispatcher", "parks_dispatcher",
    "supervisor", "works_supervisor", "parks_supervisor",
    "admin", "switched_off",
]

# What lines have in common, and so who the kinds of routes are for.
#             nobody | crew mate P. | taker P. | disp. works P. | superv. works P. | admin off
EVERYBODY = "   ok   |  ok   ok  ok |  ok   ok |  ok     ok  ok |   ok      ok  ok |   ok   ok"
SIGNED_IN = "   --   |  ok   ok  ok |  ok   ok |  ok     ok  ok |   ok      ok  ok |   ok   --"
ANYBODY_OF_US = "in  |  ok   ok  ok |  ok   ok |  ok     ok  ok |   ok      ok  ok |   ok   in"
OWN_SIGN_IN = " in   |  ok   --  -- |  --   -- |  --     --  -- |   --      --  -- |   --   in"
OFFICE    = "   in   |  no   no  no |  ok   ok |  ok     ok  ok |   ok      ok  ok |   ok   in"
MOVERS    = "   in   |  no   no  no |  no   no |  ok     ok  no |   ok      ok  no |   ok   in"
LEADERS   = "   in   |  no   no  no |  no   no |  no     no  no |   ok      ok  no |   ok   in"
CITY_LEADERS = "in   |  no   no  no |  no   no |  no     no  no |   ok      no  no |   ok   in"
ALL_LEADERS = " in   |  no   no  no |  no   no |  no     no  no |   ok      ok  ok |   ok   in"
CREW_HIRERS = " in   |  no   no  no |  no   no |  no     no  no |   ok      ok  no |   ok   in"
OWN_PEOPLE = "  in   |  no   no  no |  no   no |  no     no  no |   ok      ok  -- |   ok   in"
ONLY_ADMIN = "  in   |  no   no  no |  no   no |  no     no  no |   no      no  no |   ok   in"
CONTACTS  = "   in   |  no   no  no |  ok   no |  ok     ok  no |   ok      ok  no |   ok   in"
PHONE_KEEPERS = "in  |  no   no  no |  no   no |  ok     ok  ok |   ok      ok  ok |   ok   in"
CITY_MOVERS = " in   |  no   no  no |  no   no |  ok     no  no |   ok      no  no |   ok   in"
KEEPERS   = "   in   |  no   no  no |  no   no |  ok     ok  -- |   ok      ok  -- |   ok   in"
CREWS     = "   in   |  ok   ok  ok |  no   no |  no     no  no |   no      no  no |   no   in"
OWN_VIEW  = "   in   |  no   no  no |  --   -- |  ok     --  -- |   --      --  -- |   --   in"
NO_PUSH   = "   in   |  --   --  -- |  no   no |  no     no  no |   no      no  no |   no   in"  # the town has no key to wake phones
OWN_CREW  = "   in   |  ok   --  -- |  no   no |  no     no  no |   no      no  no |   no   in"
NO_KEY    = "   no   |  no   no  no |  no   no |  no     no  no |   no      no  no |   no   no"
NOBODY_KNOWS = "--   |  --   --  -- |  --   -- |  --     --  -- |   --      --  -- |   --   --"
# fmt: on

TEMPORARY = "crew,department\nT-9,PWDx\n"
PHONE = {"X-Crew311": "1"}
TUS = {**PHONE, "Tus-Resumable": "1.0.0"}

AREA = '{"type": "Polygon", "coordinates": [[[-71, 42], [-70, 42], [-70, 43], [-71, 42]]]}'
BROWSER = {"endpoint": "https://fcm.googleapis.com/fcm/send/one"}
REPORTED = {"service_code": "pothole", "lat": "42.35", "long": "-71.1"}
UPDATED = {
    "service_request_id": "{waiting}",
    "update_id": "1",
    "status": "OPEN",
    "updated_datetime": "2026-11-20T10:00:00Z",
    "description": "Still there.",
}

ROWS: list[tuple[str, str, dict[str, Any]]] = [
    # Residents, and whoever comes by.
    ("GET /", EVERYBODY, {}),
    ("GET /report", EVERYBODY, {}),
    ("POST /report", EVERYBODY, {"form": {"service": "pothole", "address": "1 Main Street"}}),
    ("GET /map/", EVERYBODY, {}),
    ("GET /map/cases.json", EVERYBODY, {}),
    ("GET /find", EVERYBODY, {"query_string": {"number": "{waiting}"}}),
    ("GET /cases/{waiting}", EVERYBODY, {}),
    ("POST /cases/{closed}/not-fixed", EVERYBODY, {"form": {"words": "Still there."}}),
    ("GET /follow/", EVERYBODY, {}),
    ("POST /follow/", NOBODY_KNOWS, {"form": {"email": "r@example.org"}}),  # this city has no mail server
    ("GET /follow/{follower}", EVERYBODY, {}),
    ("POST /follow/{follower}/yes", EVERYBODY, {}),
    ("POST /follow/{follower}/stop", EVERYBODY, {}),
    ("GET /sign-in", EVERYBODY, {}),
    ("POST /sign-in", EVERYBODY, {"form": {"email": "dispatcher@city.test", "password": "{password}"}}),
    ("POST /sign-out", EVERYBODY, {}),
    ("GET /sign-in/code", EVERYBODY, {}),  # whose password was not right a moment ago is sent back
    ("POST /sign-in/code", EVERYBODY, {"form": {"code": "123456"}}),
    ("GET /sign-in/city", NOBODY_KNOWS, {}),  # this city has no sign-in of its own
    ("GET /sign-in/city/back", NOBODY_KNOWS, {}),
    # One's own.
    ("GET /account", ANYBODY_OF_US, {}),
    ("POST /account/password", ANYBODY_OF_US, {"form": {"password": "{password}", "new": "lantern gravel otter"}}),
    ("POST /account/sign-ins/end-others", ANYBODY_OF_US, {}),
    ("POST /account/sign-ins/{crew_sign_in}/end", OWN_SIGN_IN, {}),
    ("GET /account/second-step", ANYBODY_OF_US, {}),
    ("POST /account/second-step", ANYBODY_OF_US, {"form": {"sealed": "too old", "code": "123456", "password": "{password}"}}),
    ("POST /account/second-step/off", ANYBODY_OF_US, {"form": {"password": "{password}"}}),
    ("GET /healthz", EVERYBODY, {}),
    ("GET /readyz", EVERYBODY, {}),
    ("GET /.well-known/security.txt", NOBODY_KNOWS, {}),  # this city has named nobody
    ("GET /metrics", EVERYBODY, {}),  # from this machine; from elsewhere with a token: tests/crew_app/test_metrics.py
    ("GET /openapi.json", EVERYBODY, {}),
    ("GET /basemap.json", EVERYBODY, {}),
    ("GET /basemap.pmtiles", EVERYBODY, {}),
    ("GET /districts.json", EVERYBODY, {}),
    ("GET /photos/{crews_photo}/small", EVERYBODY, {}),
    ("GET /photos/{reported_photo}/large", SIGNED_IN, {}),
    ("GET /data/", EVERYBODY, {}),
    ("GET /data/dictionary.json", EVERYBODY, {}),
    ("GET /data/cases.csv", EVERYBODY, {}),
    ("GET /data/cases.geojson", EVERYBODY, {}),
    ("GET /data/cases.parquet", EVERYBODY, {}),
    ("GET /open311/v2/bulk.csv", EVERYBODY, {}),
    ("GET /feeds/cases.atom", EVERYBODY, {}),
    ("GET /dashboard/", EVERYBODY, {}),
    ("GET /dashboard/cityscore.csv", EVERYBODY, {}),
    # Other people's programs: who they are is said by a key, whoever is signed in.
    ("GET /open311/discovery.json", EVERYBODY, {}),
    ("GET /open311/v2/discovery.xml", EVERYBODY, {}),
    ("GET /open311/v2/services.json", EVERYBODY, {}),
    ("GET /open311/v2/services/pothole.json", EVERYBODY, {}),
    ("GET /open311/v2/requests.json", EVERYBODY, {}),
    ("GET /open311/v2/requests/{waiting}.json", EVERYBODY, {}),
    ("GET /open311/v2/tokens/{waiting}.json", EVERYBODY, {}),
    ("GET /open311/v2/servicerequestupdates.json", EVERYBODY, {}),
    ("POST /open311/v2/requests.json", EVERYBODY, {"form": {"api_key": "{api_key}", **REPORTED}}),
    ("POST /open311/v2/requests.json", NO_KEY, {"form": REPORTED}),
    ("POST /open311/v2/servicerequestupdates.json", EVERYBODY, {"form": {"api_key": "{api_key}", **UPDATED}}),
    ("POST /open311/v2/servicerequestupdates.json", NO_KEY, {"form": UPDATED}),
    # The phone app's files.
    ("GET /crew/", EVERYBODY, {}),
    ("GET /crew/index.html", EVERYBODY, {}),
    ("GET /site.css", EVERYBODY, {}),
    # The phone. An upload is the crew's that began it; for everybody else it is not there.
    ("POST /sync/v1/sign-in", EVERYBODY, {"json": {"email": "crew@city.test", "password": "{password}"}, "headers": PHONE}),
    ("GET /sync/v1/me", CREWS, {"headers": PHONE}),
    ("POST /sync/v1/sign-out", CREWS, {"headers": PHONE}),
    ("GET /sync/v1/services", CREWS, {"headers": PHONE}),
    ("GET /sync/v1/pull", CREWS, {"headers": PHONE}),
    ("POST /sync/v1/push", CREWS, {"headers": PHONE, "json": {"v": 1, "device": "{new_uuid}", "operations": []}}),
    ("OPTIONS /sync/v1/photos", CREWS, {"headers": TUS}),
    ("OPTIONS /sync/v1/photos/{upload}", CREWS, {"headers": TUS}),
    ("POST /sync/v1/photos", CREWS, {"headers": {**TUS, "Upload-Length": "6", "Upload-Metadata": "{new_photo_metadata}"}}),
    ("GET /sync/v1/photos/{upload}", OWN_CREW, {"headers": TUS}),
    (
        "PATCH /sync/v1/photos/{upload}",
        OWN_CREW,
        {"headers": {**TUS, "Upload-Offset": "0"}, "data": "abc", "content_type": "application/offset+octet-stream"},
    ),
    ("DELETE /sync/v1/photos/{upload}", OWN_CREW, {"headers": TUS}),
    ("GET /sync/v1/web-push/key", CREWS, {"headers": PHONE}),
    (
        "PUT /sync/v1/web-push/subscription",
        NO_PUSH,
        {"headers": PHONE, "json": {**BROWSER, "keys": {"p256dh": "B" + "A" * 86, "auth": "A" * 22}}},
    ),
    ("DELETE /sync/v1/web-push/subscription", CREWS, {"headers": PHONE, "json": BROWSER}),
    # The office sees the whole city, whosever a case is ...
    ("GET /console/", OFFICE, {}),
    ("GET /console/cases", OFFICE, {}),
    ("GET /console/cases/{waiting}", OFFICE, {}),
    ("GET /console/cases.csv", OFFICE, {}),
    ("POST /console/views", OFFICE, {"form": {"name": "Late", "due": "late"}}),
    ("POST /console/views/{view_id}/forget", OWN_VIEW, {}),
    ("GET /console/intake", OFFICE, {}),
    ("GET /console/intake/places", OFFICE, {"query_string": {"q": "12 Main St"}}),
    ("GET /console/intake/questions", OFFICE, {"query_string": {"service": "pothole"}}),
    ("GET /console/intake/beside", OFFICE, {"query_string": {"service": "pothole", "lat": "42.35", "lon": "-71.1"}}),
    ("POST /console/intake", OFFICE, {"form": {"service": "pothole", "address": "1 Main Street"}}),
    ("GET /console/cases/{waiting}/sheet", OFFICE, {}),
    ("GET /console/crews/{crew_id}/sheets", OFFICE, {}),
    ("GET /console/crews", OFFICE, {}),
    ("GET /console/quarantine", OFFICE, {}),
    ("GET /console/live/picture", OFFICE, {}),
    ("GET /console/live/outlines", OFFICE, {}),
    ("GET /console/live/changes", OFFICE, {"query_string": {"after": "0"}}),
    ("GET /console/live/stream", OFFICE, {"query_string": {"after": "0"}}),
    ("GET /console/live/cases/{waiting_id}", OFFICE, {}),
    ("POST /console/cases/{waiting}/follow-up", OFFICE, {"form": {"service": "pothole", "description": "The lamp, too."}}),
    ("POST /console/cases/{waiting}/contacts", CONTACTS, {}),
    ("GET /console/cases/{in_hand}/photos/{reported_photo}", OFFICE, {}),
    ("GET /console/cases/{in_hand}/photos/{reported_photo}/whole", MOVERS, {}),
    ("POST /console/cases/{in_hand}/photos/{reported_photo}/hide", MOVERS, {"form": {"why": "A face."}}),
    ("POST /console/cases/{in_hand}/photos/{reported_photo}/redact", MOVERS, {"form": {"areas": "10 10 20 20"}}),
    ("POST /console/cases/{in_hand}/photos/{reported_photo}/publish", MOVERS, {}),
    ("POST /console/cases/{in_hand}/photos/{hidden_photo}/show", MOVERS, {}),
    ("POST /console/cases/{in_hand}/photos/{blurred_photo}/restore", MOVERS, {}),
    ("POST /console/cases/{in_hand}/photos/{published_photo}/withhold", MOVERS, {}),
    ("POST /console/cases/{waiting}/note", OFFICE, {"form": {"text": "A caller asks again."}}),
    # ... and its dispatchers move what is their department's, or their city's.
    *[
        (f"POST /console/cases/{address}", MOVERS, {"form": form})
        for address, form in (
            ("{waiting}/assign", {"crew": "{crew_id}"}),
            ("{in_hand}/take-back", {"why": "Another day."}),
            ("{waiting}/urgent", {}),
            ("{urgent}/not-urgent", {}),
            ("{waiting}/hold", {"why": "The owner pays."}),
            ("{waiting}/pin", {"crew": "{crew_id}"}),
            ("{pinned}/unpin", {}),
            ("{in_hand}/lock", {}),
            ("{held}/release", {}),
            ("{closed}/reopen", {"why": "It is back."}),
            ("{waiting}/withdraw", {"why": "By mistake."}),
            ("{waiting}/close", {"outcome": "fixed"}),
            ("{waiting}/place", {"lat": "42.35", "lon": "-71.1"}),
            ("{waiting}/merge", {"other": "{in_hand}"}),
            ("{merged}/split", {}),
            ("{in_hand}/settle", {"closure": "{closure_to_review}", "decision": "accept"}),
        )
    ],
    # The desk does the same in JSON, to many at once.
    *[
        (f"POST /console/api/cases/{name}", MOVERS, {"json": {"cases": [{"id": case}], **form}})
        for name, case, form in (
            ("urgent", "{waiting_id}", {}),
            ("take-back", "{in_hand_id}", {}),
            ("hold", "{waiting_id}", {"why": "Wait."}),
        )
    ],
    ("POST /console/api/crews/{crew_1_id}/hand-over", MOVERS, {"json": {"to": "{crew_id}"}}),
    ("POST /console/api/what-if", OFFICE, {"json": {"cases": ["{waiting_id}"], "crew": "{crew_id}"}}),
    ("GET /console/api/cases/{waiting_id}/why", OFFICE, {}),
    # How the city works is read by the whole office, and said by those who lead it; each department for its own services.
    ("GET /console/rules", OFFICE, {}),
    ("GET /console/rules/new", OFFICE, {"query_string": {"service": "{service_id}"}}),
    ("POST /console/rules", LEADERS, {"form": {"service": "{service_id}", "to": "crew:{crew_id}"}}),
    ("GET /console/rules/{rule_id}", OFFICE, {}),
    ("POST /console/rules/{rule_id}", LEADERS, {"form": {"service": "{service_id}", "queue": "Look at it first"}}),
    ("POST /console/rules/{rule_id}/on", LEADERS, {}),
    ("POST /console/rules/{rule_id}/remove", LEADERS, {}),
    ("POST /console/rules", CITY_LEADERS, {"form": {"queue": "Everything"}}),
    # What needs a look; of what a phone sent, other departments may not know.
    ("GET /console/review", OFFICE, {}),
    ("GET /console/api/review", OFFICE, {}),
    ("POST /console/review/closing/{closure_to_review}", MOVERS, {"form": {"decision": "accept"}}),
    ("POST /console/review/doubt/{odd_operation}", MOVERS, {"form": {"decision": "accept"}}),
    ("POST /console/review/kept/{quarantined_id}", KEEPERS, {"form": {"decision": "settle"}}),
    ("POST /console/api/review/closing/{closure_to_review}", MOVERS, {"json": {"decision": "accept"}}),
    ("POST /console/api/review/kept/{quarantined_id}", KEEPERS, {"json": {"decision": "settle"}}),
    # More hands for a while; an emergency is for those who work for the whole city.
    ("GET /console/extra-hands", OFFICE, {}),
    (
        "POST /console/extra-hands/lend",
        MOVERS,
        {"form": {"crew": "{crew_id}", "department": "{parks_id}", "until": "2099-01-01T12:00"}},
    ),
    ("POST /console/extra-hands/surge", CITY_MOVERS, {"form": {"name": "Storm", "until": "{tonight}", "csv": TEMPORARY}}),
    ("POST /console/extra-hands/surge/{surge_id}/end", CITY_MOVERS, {}),
    ("GET /console/api/loans", OFFICE, {}),
    ("POST /console/api/crews/{crew_id}/lend", MOVERS, {"json": {"department": "{parks_id}", "until": 4070908800}}),
    ("GET /console/api/surges", OFFICE, {}),
    ("POST /console/api/surges", CITY_MOVERS, {"json": {"name": "Storm", "until": "{tonight_s}", "csv": TEMPORARY}}),
    ("POST /console/api/surges/{surge_id}/end", CITY_MOVERS, {"json": {}}),
    # What the office did, and what waits for a second person.
    ("GET /console/deeds", OFFICE, {}),
    ("GET /console/deeds/{deed_id}", OFFICE, {}),
    ("POST /console/deeds/{deed_id}/undo", MOVERS, {"form": {}}),
    ("GET /console/api/deeds", OFFICE, {}),
    ("POST /console/api/deeds/{deed_id}/undo", MOVERS, {"json": {}}),
    ("GET /console/approvals", OFFICE, {}),
    ("POST /console/approvals/{asked_id}", MOVERS, {"form": {"decision": "yes", "cases": "2"}}),
    ("GET /console/api/approvals", OFFICE, {}),
    ("POST /console/api/approvals/{asked_id}", MOVERS, {"json": {"decision": "yes", "cases": "2"}}),
    ("GET /console/replies", OFFICE, {}),
    ("POST /console/replies", LEADERS, {"form": {"service": "{service_id}", "outcome": "fixed", "text": "It is mended."}}),
    ("POST /console/replies/{reply_id}/remove", LEADERS, {}),
    ("GET /console/services", OFFICE, {}),
    ("GET /console/services/{service_id}", OFFICE, {}),
    (
        "POST /console/services/{service_id}/levels",
        LEADERS,
        {"form": {"days": "2", "calendar": "business", "holds_from": "2999-01-01"}},
    ),
    ("POST /console/services/{service_id}/levels/{level_id}/remove", LEADERS, {}),
    ("POST /console/services/{service_id}/names", LEADERS, {"form": {"language": "es", "name": "Bache"}}),
    ("POST /console/services/{service_id}/questions", LEADERS, {"form": {"description": "How deep?", "datatype": "string"}}),
    ("POST /console/services/{service_id}/questions/asked/remove", LEADERS, {}),
    ("GET /console/hours", OFFICE, {}),
    ("POST /console/hours", CITY_LEADERS, {"form": {"opens_0": "08:00", "closes_0": "16:00"}}),
    ("POST /console/hours/holidays", CITY_LEADERS, {"form": {"day": "2999-01-01", "name": "New Year"}}),
    ("POST /console/hours/holidays/{holiday_id}/remove", CITY_LEADERS, {}),
    ("GET /console/shifts", OFFICE, {}),
    (
        "POST /console/shifts",
        LEADERS,
        {"form": {"crew": "{crew_id}", "first": "2999-01-01", "last": "2999-01-02", "begins": "08:00", "ends": "16:00"}},
    ),
    ("POST /console/shifts/{shift_id}/remove", LEADERS, {}),
    ("GET /console/territories", OFFICE, {}),
    ("GET /console/territories/new", OFFICE, {}),
    ("POST /console/territories", LEADERS, {"form": {"name": "East", "of": "crew:{crew_id}", "boundary": AREA}}),
    ("GET /console/territories/{territory_id}", OFFICE, {}),
    ("POST /console/territories/{territory_id}", LEADERS, {"form": {"name": "East", "of": "crew:{crew_id}", "boundary": AREA}}),
    ("POST /console/territories/{territory_id}/remove", LEADERS, {}),
    ("POST /console/territories/crews/{crew_id}", LEADERS, {"form": {}}),
    ("GET /console/audit", ALL_LEADERS, {"query_string": {"book": "contacts"}}),
    ("GET /console/audit/rows.csv", ALL_LEADERS, {}),
    ("POST /console/cases/{waiting}/forget-reporter", LEADERS, {}),
    ("GET /console/changes", ALL_LEADERS, {}),
    ("POST /console/changes/{change_id}/undo", LEADERS, {}),
    # People: a role comes from above only, and another department's people are not there.
    ("GET /console/people", ALL_LEADERS, {}),
    ("GET /console/people/new", ALL_LEADERS, {}),
    ("POST /console/people", CREW_HIRERS, {"form": {"name": "N", "email": "n@city.test", "role": "crew", "crew": "{crew_id}"}}),
    ("POST /console/people", ONLY_ADMIN, {"form": {"name": "N", "email": "n@city.test", "role": "supervisor"}}),
    ("GET /console/people/{mate_person}", OWN_PEOPLE, {}),
    (
        "POST /console/people/{mate_person}",
        OWN_PEOPLE,
        {"form": {"name": "N", "email": "n@city.test", "role": "crew", "crew": "{crew_id}"}},
    ),
    ("POST /console/people/{mate_person}/off", OWN_PEOPLE, {}),
    ("POST /console/people/{mate_person}/password", OWN_PEOPLE, {}),
    ("POST /console/people/{mate_person}/sign-out", OWN_PEOPLE, {}),
    ("POST /console/people/{mate_person}/no-second-step", OWN_PEOPLE, {}),
    ("GET /console/phones", PHONE_KEEPERS, {}),
    ("POST /console/phones/{device_id}/revoke", KEEPERS, {}),
    # What a phone sent is not for other departments to know.
    ("POST /console/quarantine/{quarantined_id}/settle", KEEPERS, {}),
    ("POST /console/quarantine/load", KEEPERS, {"file": ("work", "{carried_work}")}),
]
