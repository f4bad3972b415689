"""Residents are forgotten and their cases stay; and the books of who saw or changed what are searched and taken away."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from crew_app.adapters.backup_folder import BackupFolder
from crew_app.extensions import db
from crew_app.models import Case, Erasure, Follower, Report
from crew_app.queries.audit import AuditAsked, audit_page, whole_audit
from crew_app.services.cases import close_by_office
from crew_app.services.erasure import forget_again, forget_reporter, forget_the_old, keep_list
from crew_app.transaction import system_clock, transaction

JANE = {"name": "Jane Roe", "email": "jane@example.org", "phone": "617 555 0101", "description": "A hole before my house."}


@pytest.fixture
def janes_case(report) -> Case:
    return db.session.get_one(Case, report(**JANE))


def known(case_id: int) -> list[tuple[str | None, ...]]:
    db.session.rollback()
    return [
        tuple(row) for row in db.session.execute(select(Report.name, Report.email, Report.phone).where(Report.case_id == case_id))
    ]


def test_who_asks_is_forgotten_and_the_case_stays(signed_in, client, janes_case: Case) -> None:
    number, case_id = janes_case.number, janes_case.id
    sue = signed_in("sue")
    assert "Jane Roe" in sue.post(f"/console/cases/{number}/contacts").text
    assert sue.post(f"/console/cases/{number}/forget-reporter").status_code == 303
    assert known(case_id) == [(None, None, None)]
    page = sue.post(f"/console/cases/{number}/contacts").text
    assert "Jane" not in page and "was forgotten" in page and "A hole before my house." in page
    assert client.get(f"/cases/{number}").status_code == 200
    assert signed_in("dora").post(f"/console/cases/{number}/forget-reporter").status_code == 403


def test_who_is_forgotten_gets_no_letter_any_more(signed_in, janes_case: Case, tmp_path: Path) -> None:
    def follow(email: str, **what: int) -> None:
        tx.session.add(
            Follower(email=email, language="en", token=f"{email}{what}"[:43], asked_at=tx.now, confirmed_at=tx.now, **what)
        )

    def follow_all() -> None:
        follow("Jane@example.org")
        follow("jane@example.org", case_id=janes_case.id)
        follow("neighbour@example.org", case_id=janes_case.id)

    with transaction() as tx:
        follow_all()
    assert signed_in("sue").post(f"/console/cases/{janes_case.number}/forget-reporter").status_code == 303
    db.session.rollback()
    assert db.session.scalars(select(Follower.email)).all() == ["neighbour@example.org"]
    backups = BackupFolder(tmp_path / "backups")
    keep_list(db.session, backups)
    with transaction() as tx:  # as a backup of yesterday has it
        tx.session.execute(delete(Follower))
        follow_all()
        tx.session.execute(update(Report).values(email="jane@example.org"))
    with transaction() as tx:
        assert forget_again(tx, backups) == 1
    assert db.session.scalars(select(Follower.email)).all() == ["neighbour@example.org"]


def test_after_the_citys_own_time_reporters_are_forgotten_by_themselves(report, city) -> None:
    old, young, still_open = (report(**JANE) for _ in range(3))
    with transaction(system_clock() - timedelta(days=400)) as tx:
        close_by_office(tx, old, "fixed", None, "", city.person_ids["dora"])
    with transaction() as tx:
        close_by_office(tx, young, "fixed", None, "", city.person_ids["dora"])
    with transaction() as tx:
        assert forget_the_old(tx, months=12) == 1
    assert [known(case)[0][0] for case in (old, young, still_open)] == [None, "Jane Roe", "Jane Roe"]
    assert db.session.scalars(select(Erasure.case_id)).all() == [old]


def test_a_restored_backup_forgets_again(janes_case: Case, city, tmp_path: Path) -> None:
    backups, case_id = BackupFolder(tmp_path / "kept"), janes_case.id
    with transaction() as tx:
        assert forget_reporter(tx, case_id, city.person_ids["sue"])
        assert not forget_reporter(tx, case_id, city.person_ids["sue"])  # nobody is known any more
    keep_list(db.session, backups)
    assert b"Jane" not in (tmp_path / "kept" / "erasures.json").read_bytes()
    with transaction() as tx:  # as the backup had it
        tx.session.query(Report).filter(Report.case_id == case_id).update({"name": "Jane Roe", "email": "jane@example.org"})
    with transaction() as tx:
        assert forget_again(tx, backups) == 1
    assert known(case_id) == [(None, None, None)]


def test_the_books_are_searched_and_taken_away(signed_in, janes_case: Case, city) -> None:
    number = janes_case.number
    dora = signed_in("dora")
    dora.post(f"/console/cases/{number}/contacts")
    dora.post(f"/console/cases/{number}/note", data={"text": "=a secret"})
    signed_in("ada").post("/console/people", data={"name": "=N", "email": "n@city.test", "role": "dispatcher"})
    sue = signed_in("sue")
    page = sue.get(f"/console/audit?number={number}&person={city.person_ids['dora']}").text
    assert "Looked at who reported" in page and number in page and "a secret" not in page
    assert "Signed in at the office by password" in sue.get("/console/audit?book=sign-ins").text
    assert "Changed person" in sue.get("/console/audit?book=set-up").text
    rows = list(csv.reader(io.StringIO(sue.get("/console/audit/rows.csv?book=contacts").text)))
    assert rows[0] == ["when", "who", "book", "what", "case"] and [row[1:] for row in rows[1:]] == [
        ["Dora", "contacts", "Looked at who reported", number]
    ]
    for wrong, status in (("since=yesterday", 400), ("book=diary", 400), ("before=x", 400), ("until=2020-01-01", 200)):
        assert sue.get(f"/console/audit?{wrong}").status_code == status, wrong
    assert dora.get("/console/audit").status_code == 403


def test_pages_follow_one_another_without_gap_or_overlap(signed_in, janes_case: Case, city) -> None:
    for _ in range(7):
        signed_in("dora").post(f"/console/cases/{janes_case.number}/contacts")
    asked, seen, before = AuditAsked(), [], None
    while rows := audit_page(db.session, asked, before, limit=3):
        seen += rows
        before = (rows[-1].at, rows[-1].book, rows[-1].row_id)
    assert seen == list(whole_audit(db.session, asked)) and len(seen) == len(set(seen)) >= 14
