"""The independent checker: does every public surface tell the same story, and is it the one the crews lived?

It shares no code with the server or the phone: it reads the database by plain sqlite3, photos by plain files, the
phones' databases as their storage holds them, and the pages as anybody gets them.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

Page = Callable[[str, int | None], tuple[int, bytes]]
HELD = ("verified", "rendered", "unreadable")
PUBLIC_WORDS = {
    "received": "Received",
    "assigned": "Sent to a crew",
    "en_route": "Crew on its way",
    "on_site": "Crew is there",
    "closed": "Done",
    "reopened": "Opened again",
    "withdrawn": "Withdrawn",
}
CREW_OF = {1: 1, 2: 2, 3: 1, 4: 2}
DISPATCHER = 5


class Checker:
    def __init__(self, database: Path, photos: Path, page: Page, testimony: dict[str, Any]) -> None:
        self.photos_folder = photos
        self.page = page
        self.told = testimony
        self.violations: list[dict[str, str]] = []
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        connection.row_factory = sqlite3.Row
        self.rows = {
            table: [dict(row) for row in connection.execute(f"SELECT rowid AS _rowid, * FROM {table}")]
            for table in ("operations", "quarantine", "closures", "notes", "photos", "cases", "assignments", "devices")
        }
        self.events = [dict(row) for row in connection.execute("SELECT * FROM event_log ORDER BY seq")]
        self.integrity = connection.execute("PRAGMA integrity_check").fetchone()[0]
        self.foreign = connection.execute("PRAGMA foreign_key_check").fetchall()
        connection.close()
        self.operations = {row["id"]: row for row in self.rows["operations"]}
        self.quarantined = defaultdict(list)
        for row in self.rows["quarantine"]:
            self.quarantined[row["operation_id"]].append(row)
        self.cases = {row["id"]: row for row in self.rows["cases"]}
        self.made = {entry["id"]: entry for entry in testimony["made"]}
        self.held: dict[str, dict[str, Any]] = {}
        self.held_by: dict[str, int] = {}
        for phone in testimony["phones"]:
            for person, kept in phone["people"].items():
                for entry in (*kept["entries"], *kept["done"]):
                    self.held[entry["id"]] = entry
                    self.held_by[entry["id"]] = int(person)

    def blame(self, rule: str, what: str) -> None:
        self.violations.append({"rule": rule, "what": what})

    def check(self) -> list[dict[str, str]]:
        if self.integrity != "ok" or self.foreign:
            self.blame("database", f"{self.integrity} {self.foreign}")
        self.nothing_lost()
        self.nothing_doubled()
        self.nothing_made_up()
        self.nobody_elses()
        self.in_order()
        self.photos_whole()
        self.no_silent_conflict()
        self.statuses_follow()
        self.phones_agree()
        self.pages_agree()
        self.bounded_work()
        return self.violations

    # ---- I1, I12, I13 -------------------------------------------------------------------------------------------------

    def nothing_lost(self) -> None:
        """Each deed that was shown as saved is with the city, said as it was said, or with the phone, with a reason."""
        saved = {deed["id"] for deed in self.told["deeds"] if deed["saved"]}
        for deed in self.told["deeds"]:
            if deed["saved"] and deed["id"] not in self.made:
                self.blame("I1 lost", f"the phone said saved, but its storage never saw it: {deed}")
        rejected = {entry["id"]: entry["reason"] for entry in self.told["rejected"]}
        for entry_id in sorted(self.made):
            entry = self.made[entry_id]
            name = f"{entry['kind']} {entry_id[-6:]} case {entry['case']} by {entry['person']}"
            there = self.operations.get(entry_id)
            if there is None and not self.quarantined[entry_id]:
                if entry_id not in saved and entry_id not in self.held:
                    continue  # its transaction never ended, and nobody was told that it had
                if entry_id not in rejected:
                    self.blame("I1 lost", f"{name} is nowhere{'' if entry_id in self.held else ', not even on the phone'}")
                continue
            if there is not None:
                body = json.loads(there["body"])
                if (body["case"], body["kind"], body["round"], body["payload"]) != (
                    entry["case"],
                    entry["kind"],
                    entry["round"],
                    entry["payload"],
                ):
                    self.blame("I1 lost", f"{name} arrived as something else: {body}")
            verdict = there["verdict"] if there else "quarantined"
            if verdict == "quarantined":
                self.check_rejected(entry_id, name, rejected)

    def check_rejected(self, entry_id: str, name: str, rejected: dict[str, str]) -> None:
        reasons = {row["reason"] for row in self.quarantined[entry_id]}
        if not reasons:
            self.blame("I12", f"{name} is refused, but nothing of it is in quarantine")
        if not any(json.loads(row["raw"])["id"] == entry_id for row in self.quarantined[entry_id]):
            self.blame("I12", f"{name}: what quarantine holds is not it")
        # Only two things can befall honest work: a phone that was revoked, and a case that a restored server forgot.
        odd = reasons - {"device_revoked"} - ({"unknown_case"} if self.told["restores"] else set())
        if odd:
            self.blame(
                "I12", f"{name}: honest work is refused as {sorted(odd)}: {[r['errors'] for r in self.quarantined[entry_id]]}"
            )
        if entry_id not in rejected and entry_id not in self.told["put_aside"]:
            self.blame("I12", f"{name} is refused ({sorted(reasons)}), and the phone does not show it")
        if entry_id in rejected and not rejected[entry_id]:
            self.blame("I12", f"{name} is refused, and the phone has no reason to show")

    # ---- I2 -----------------------------------------------------------------------------------------------------------

    def nothing_doubled(self) -> None:
        """One deed, one effect: deeds carry words of their own, so a second effect under another id is seen too."""
        words = Counter(row["text"] for row in self.rows["notes"] if row["text"].startswith("deed "))
        words.update(row["note"] for row in self.rows["closures"] if row["note"].startswith("deed "))
        made = Counter()
        for entry in self.made.values():
            if token := entry["payload"].get("text") or entry["payload"].get("note"):
                made[token] += 1
        for token, times in words.items():
            if times > made[token]:
                self.blame("I2 doubled", f"{token}: {times} times with the city, {made[token]} times done")
        effects = Counter(row["operation_id"] for row in self.rows["notes"] if row["operation_id"])
        effects.update(row["id"] for row in self.rows["closures"])
        for operation_id, times in effects.items():
            if times > 1:
                self.blame("I2 doubled", f"operation {operation_id} has {times} effects")
        for operation_id, row in self.operations.items():
            applied = row["verdict"] != "quarantined"
            if row["kind"] in ("close", "note") and effects[operation_id] != applied:
                self.blame(
                    "I2 doubled", f"{row['kind']} {operation_id} is {row['verdict']} and has {effects[operation_id]} effects"
                )

    # ---- phantoms, I8 -------------------------------------------------------------------------------------------------

    def nothing_made_up(self) -> None:
        known = set(self.made)
        sources = {
            "operation": set(self.operations),
            "quarantine": {row["operation_id"] for row in self.rows["quarantine"]},
            "closure": {row["id"] for row in self.rows["closures"]},
            "note": {row["operation_id"] for row in self.rows["notes"] if row["operation_id"]},
            "photo's closure": {row["closure_id"] for row in self.rows["photos"] if row["closure_id"]},
        }
        for kind, ids in sources.items():
            for unknown in sorted(str(i) for i in ids - known):
                self.blame("phantom", f"{kind} {unknown} was made by no phone")
        announced = {photo["id"] for entry in self.made.values() for photo in entry["payload"].get("photos", [])}
        for row in self.rows["photos"]:
            if row["id"] not in announced:
                self.blame("phantom", f"photo {row['id']} was taken by no phone")

    def nobody_elses(self) -> None:
        """Nothing under another person, on the server and on the phone."""
        for operation_id, row in self.operations.items():
            entry = self.made.get(operation_id)
            if entry and row["person_id"] != entry["person"]:
                self.blame("I8", f"{entry['kind']} {operation_id} by person {entry['person']} is stored under {row['person_id']}")
        for row in self.rows["quarantine"]:
            entry = self.made.get(row["operation_id"])
            if entry and row["person_id"] != entry["person"]:
                self.blame("I8", f"quarantined {row['operation_id']} by {entry['person']} is stored under {row['person_id']}")
        for row in self.rows["closures"]:
            entry = self.made.get(row["id"])
            if entry and (row["person_id"] != entry["person"] or row["crew_id"] != CREW_OF[entry["person"]]):
                self.blame(
                    "I8", f"closure {row['id']} by {entry['person']} is stored under {row['person_id']}, crew {row['crew_id']}"
                )
        for entry_id, person in self.held_by.items():
            if entry_id in self.made and self.made[entry_id]["person"] != person:
                self.blame("I8", f"{entry_id} lies in the outbox of person {person}")

    # ---- I6 -----------------------------------------------------------------------------------------------------------

    def in_order(self) -> None:
        """A phone's deeds are applied in the order in which they were done."""
        by_device = defaultdict(list)
        for row in self.rows["operations"]:
            by_device[row["device_id"]].append(row)
        for device, rows in by_device.items():
            rows.sort(key=lambda row: row["seq"])
            if [row["seq"] for row in rows] != sorted({row["seq"] for row in rows}):
                self.blame("I6", f"device {device}: numbers twice")
            received = [(row["received_at"], row["_rowid"]) for row in rows]
            if received != sorted(received):
                self.blame("I6", f"device {device}: applied out of order")
            orders = [self.made[row["id"]]["order"] for row in rows if row["id"] in self.made]
            if orders != sorted(orders):
                self.blame("I6", f"device {device}: numbered out of order")

    # ---- I3 -----------------------------------------------------------------------------------------------------------

    def photos_whole(self) -> None:
        rows = {row["id"]: row for row in self.rows["photos"]}
        stuck = {entry["id"] for entry in self.told["rejected"]} | set(self.told["put_aside"])
        for entry_id, row in self.operations.items():
            entry = self.made.get(entry_id)
            if entry is None or row["kind"] != "close" or row["verdict"] == "quarantined":
                continue
            for ref in entry["payload"]["photos"]:
                name = f"photo {ref['id'][-6:]} of {entry_id[-6:]}"
                photo = rows.get(ref["id"])
                if photo is None:
                    self.blame("I3", f"{name} is not announced")
                    continue
                if photo["case_id"] != entry["case"] or photo["closure_id"] != entry_id:
                    self.blame("I3", f"{name} is under case {photo['case_id']}, not {entry['case']}")
                if (photo["sha256"], photo["size"]) != (ref["sha256"], ref["size"]):
                    self.blame("I3", f"{name} is announced as another")
                if photo["state"] not in HELD:
                    if entry_id not in stuck:
                        self.blame("I1 lost", f"{name} never came")
                    continue
                self.check_bytes(name, ref)
        # And nothing in the store is other than its name says.
        for path in self.photos_folder.glob("*/*.original"):
            if hashlib.sha256(path.read_bytes()).hexdigest() != path.name.removesuffix(".original"):
                self.blame("I3", f"{path.name} holds other bytes")

    def check_bytes(self, name: str, ref: dict[str, Any]) -> None:
        path = self.photos_folder / ref["sha256"][-2:] / f"{ref['sha256']}.original"
        if not path.exists():
            self.blame("I3", f"{name} is said to be here, and has no bytes")
            return
        content = path.read_bytes()
        if len(content) != ref["size"] or hashlib.sha256(content).hexdigest() != ref["sha256"]:
            self.blame("I3", f"{name} has other bytes")

    # ---- I5 -----------------------------------------------------------------------------------------------------------

    def rounds(self) -> dict[int, list[tuple[str, int]]]:
        """For each case the moments at which the office gave it another round."""
        rounds: dict[int, list[tuple[str, int]]] = defaultdict(list)
        for event in self.events:
            body = json.loads(event["body"])
            if event["kind"] in ("case_assigned", "case_unassigned", "case_reopened", "case_withdrawn"):
                rounds[event["case_id"]].append((event["at"], body["round"]))
        return rounds

    def no_silent_conflict(self) -> None:
        """A closure counts exactly if it was done for the round the case was in, by whom it was given to."""
        rounds = self.rounds()
        given = {(row["case_id"], row["round"]): row["crew_id"] for row in self.rows["assignments"]}
        counted: dict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
        for row in sorted(self.rows["closures"], key=lambda row: row["received_at"]):
            name = f"closure {row['id'][-6:]} of case {row['case_id']}"
            now = max((number for at, number in rounds[row["case_id"]] if at < row["received_at"]), default=0)
            must_count = row["round_seen"] == now and given.get((row["case_id"], now)) == row["crew_id"]
            if bool(row["counts"]) != must_count:
                self.blame("I5", f"{name} was for round {row['round_seen']}, the case was in {now}: counts {bool(row['counts'])}")
            if not row["counts"] and not row["review_reason"]:
                self.blame("I5", f"{name} does not count, and nobody is asked to look")
            if row["counts"]:
                others = counted[row["case_id"], now]
                if {(o["crew_id"], o["outcome"]) for o in others} - {(row["crew_id"], row["outcome"])} and not row["review_reason"]:
                    self.blame("I5", f"{name} disagrees with another, and nobody is asked to look")
                others.append(row)
            verdict = self.operations.get(row["id"], {}).get("verdict")
            if verdict != ("counted" if row["counts"] else "needs_review"):
                self.blame("I5", f"{name} counts {bool(row['counts'])}, the phone was told {verdict}")
            if row["review_reason"] and not row["settled_at"] and not self.cases[row["case_id"]]["review_reason"]:
                self.blame("I5", f"{name} waits for a look, and the office's list does not say so")
        wanted = {case["number"] for case in self.cases.values() if case["review_reason"]}
        if wanted:
            _, body = self.page("/console/cases?group=review", DISPATCHER)
            for number in sorted(wanted):
                if number not in body.decode():
                    self.blame("I5", f"case {number} needs a look, and the console's list lacks it")

    def statuses_follow(self) -> None:
        """A case is closed if a closure counts in its round, and is not without a reason."""
        ended = defaultdict(str)
        for event in self.events:
            body = json.loads(event["body"])
            if event["kind"] == "case_closed":
                ended[event["case_id"]] = "closed"
            elif event["kind"] in ("case_assigned", "case_unassigned", "case_reopened", "case_withdrawn"):
                ended[event["case_id"]] = event["kind"]
            elif event["kind"] == "case_progressed":
                ended[event["case_id"]] = body["status"]
        expected = {
            "case_assigned": "assigned",
            "case_unassigned": "received",
            "case_reopened": "reopened",
            "case_withdrawn": "withdrawn",
        }
        open_for = Counter(row["case_id"] for row in self.rows["assignments"] if row["ended_at"] is None)
        for case in self.cases.values():
            last = ended[case["id"]]
            status = expected.get(last, last or "received")
            if case["status"] != status:
                self.blame("I4", f"case {case['id']} is {case['status']}, its story ends with {last}")
            counts = [
                r for r in self.rows["closures"] if r["case_id"] == case["id"] and r["counts"] and r["round_seen"] == case["round"]
            ]
            if counts and case["status"] != "closed":
                self.blame("I4", f"case {case['id']} has a closure that counts and is {case['status']}")
            in_hand = case["status"] in ("assigned", "en_route", "on_site")
            if open_for[case["id"]] != in_hand:
                self.blame("I4", f"case {case['id']} is {case['status']} with {open_for[case['id']]} crews")

    # ---- I4, I11 ------------------------------------------------------------------------------------------------------

    def phones_agree(self) -> None:
        truths: dict[int, dict[int, dict[str, Any]]] = {}
        for phone in self.told["phones"]:
            person = phone["person"]
            if phone["is_off"]:
                self.check_switched_off(phone)
                continue
            if person is None:
                self.blame("I9", f"{phone['name']} has nobody signed in at the end")
                continue
            crew = CREW_OF[person]
            if crew not in truths:
                truths[crew] = self.pull_all(person)
                self.check_projection(crew, truths[crew])
            truth = truths[crew]
            kept = {job["id"]: job for job in phone["people"][str(person)]["jobs"]}
            # What is over for the crew a phone forgets after a day by its own clock, be it right or not.
            over = {i for i, job in truth.items() if is_over(job)} if self.told["clocks_moved"] else set()
            if set(truth) - over != set(kept) - over:
                self.blame("I4 diverged", f"{phone['name']} has jobs {sorted(kept)}, the city {sorted(truth)}")
            for case_id in sorted(set(truth) & set(kept)):
                ours, theirs = essence(truth[case_id]), essence(snake(kept[case_id]))
                if ours != theirs:
                    different = {key: (theirs[key], ours[key]) for key in ours if ours[key] != theirs[key]}
                    self.blame("I4 diverged", f"{phone['name']} job {case_id}, (phone, city): {different}")
            self.check_screen(phone, truth)

    def check_switched_off(self, phone: dict[str, Any]) -> None:
        """It was the office that did it, and the phone shows nothing any more."""
        devices = {kept["device"] for kept in phone["people"].values()}
        if not any(row["revoked_at"] for row in self.rows["devices"] if row["id"] in devices):
            self.blame("I9", f"{phone['name']} has switched itself off, and nobody of the office did")
        if phone["shown"]:
            self.blame("I11", f"{phone['name']} is switched off and shows {phone['shown']}")

    def pull_all(self, person: int) -> dict[int, dict[str, Any]]:
        jobs: dict[int, dict[str, Any]] = {}
        order: list[int] = []
        cursor = ""
        for _ in range(100):
            _, body = self.page(f"/sync/v1/pull{cursor and '?cursor='}{cursor}", person)
            page = json.loads(body)
            jobs.update({job["id"]: job for job in page["jobs"]})
            order = page.get("order", order)
            cursor = page["cursor"]
            if not page["more"]:
                break
        for job in jobs.values():
            job["order"] = order.index(job["id"]) + 1 if job["id"] in order else None
        return jobs

    def check_projection(self, crew: int, truth: dict[int, dict[str, Any]]) -> None:
        """What the city tells a crew's phones is what its database says."""
        mine = {row["case_id"] for row in self.rows["assignments"] if row["crew_id"] == crew and row["ended_at"] is None}
        if {case_id for case_id, job in truth.items() if job["mine"]} != mine:
            self.blame("I4", f"crew {crew} has {sorted(mine)}, and is told {sorted(i for i, j in truth.items() if j['mine'])}")
        for row in self.rows["closures"]:
            if row["crew_id"] != crew or not row["review_reason"] or row["settled_at"]:
                continue
            shown = [c for c in truth.get(row["case_id"], {}).get("closures", []) if c["id"] == row["id"]]
            if not shown or shown[0]["review"] != row["review_reason"]:
                self.blame("I5", f"closure {row['id'][-6:]} needs a look, and its crew does not see it")
        for case_id, job in truth.items():
            case = self.cases[case_id]
            notes = sum(1 for row in self.rows["notes"] if row["case_id"] == case_id)
            if (job["status"], job["round"], len(job["notes"])) != (case["status"], case["round"], notes):
                self.blame(
                    "I4", f"case {case_id} is told as {job['status']} round {job['round']}, it is {case['status']} {case['round']}"
                )

    def check_screen(self, phone: dict[str, Any], truth: dict[int, dict[str, Any]]) -> None:
        refused = {self.made[i]["case"] for i in (entry["id"] for entry in self.told["rejected"]) if i in self.made}
        for card in phone["shown"]:
            job = truth.get(card["case"])
            if job is None or card["case"] in refused:
                continue
            if card["status"] != job["status"]:
                self.blame("I4 diverged", f"{phone['name']} shows case {card['case']} as {card['status']}, it is {job['status']}")
            waits = [c["review"] for c in job["closures"] if c["review"] and not c["settled"]]
            if waits and job["closures"][-1]["review"] and not job["closures"][-1]["settled"] and not card["review"]:
                self.blame("I5", f"{phone['name']} does not show that the office looks at case {card['case']}")

    def pages_agree(self) -> None:
        """What residents read is how it is; of one case a world, for pages are slow."""
        numbers = sorted(case["id"] for case in self.cases.values())
        case = self.cases[numbers[len(self.events) % len(numbers)]]
        status, body = self.page(f"/cases/{case['number']}", None)
        if status != 200:
            self.blame("I4", f"the page of case {case['number']} answers {status}")
            return
        state = re.search(r'<p class="case-state">(.*?)</p>', body.decode(), re.S)
        if state is None or PUBLIC_WORDS[case["status"]] not in state.group(1):
            self.blame("I4", f"the page of case {case['number']} says {state and state.group(1)!r}, it is {case['status']}")

    # ---- I10 ----------------------------------------------------------------------------------------------------------

    def bounded_work(self) -> None:
        payload = sum(photo["size"] for entry in self.made.values() for photo in entry["payload"].get("photos", []))
        if self.told["body_bytes"] > payload * (1 + self.told["faults"]) + 20_000:
            self.blame("I10", f"{self.told['body_bytes']} bytes sent for {payload}, with {self.told['faults']} faults")


def is_over(job: dict[str, Any]) -> bool:
    return not job["mine"] and job["status"] == "closed" and all(c["settled"] or not c["review"] for c in job["closures"])


def essence(job: dict[str, Any]) -> dict[str, Any]:
    names = (
        "id",
        "number",
        "round",
        "status",
        "mine",
        "order",
        "address",
        "lat",
        "lon",
        "description",
        "due_at",
        "assigned_at",
        "why",
    )
    return {name: job[name] for name in names} | {
        "notes": [(note["id"], note["text"]) for note in job["notes"]],
        "photos": [photo["id"] for photo in job["photos"]],
        "closures": [
            (c["id"], c["outcome"], c["counts"], c["review"], c["settled"], [(p["id"], p["state"]) for p in c["photos"]])
            for c in job["closures"]
        ],
    }


def snake(job: dict[str, Any]) -> dict[str, Any]:
    return {re.sub(r"([A-Z])", lambda m: "_" + m.group(1).lower(), key): value for key, value in job.items()}
