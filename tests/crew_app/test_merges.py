"""Several reports of one trouble: one case is dealt with, the others end with it, and a split gives everything back."""

from __future__ import annotations

import random
from typing import Any

import pytest
from phone import Phone, jpeg, photo_ref

from crew_app.errors import BadInput, Conflict
from crew_app.extensions import db
from crew_app.models import Assignment, Case, Closure, EventRow, Photo
from crew_app.queries.cases import family_ids, root_id
from crew_app.queries.dossier import dossier
from crew_app.services.assignments import mark_urgent
from crew_app.services.cases import close_by_office, reopen_case, withdraw_case
from crew_app.services.closures import settle_closure
from crew_app.services.merges import merge_case, share_fate, split_case
from crew_app.transaction import transaction
from crew_app.workflow import OPEN_STATUSES, Status


@pytest.fixture
def office(city):
    """office(merge_case, child, parent): one deed of the dispatcher's, in a transaction of its own."""

    def do(deed, *args: Any) -> Any:
        with transaction() as tx:
            return deed(tx, *args, city.person_ids["dora"])

    return do


def now(case_id: int) -> Case:
    db.session.rollback()
    return db.session.get_one(Case, case_id)


def close(tx, case_id: int, by: int) -> Case:
    return close_by_office(tx, case_id, "fixed", None, "Two bags.", by)


def kinds(case_id: int) -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(db.select(EventRow.kind).where(EventRow.case_id == case_id).order_by(EventRow.seq)))


def test_the_merged_case_leaves_its_crews_hands_and_no_crew_is_sent_to_it(phone: Phone, office, job, report, dispatched) -> None:
    case_id, round_seen = job("PWD-1")
    parent = report()
    phone.pull()
    office(merge_case, case_id, parent)
    assert phone.pull()["gone"] == [case_id]
    case = now(case_id)
    assert (case.status, case.round, case.merged_into_id) == (Status.MERGED, round_seen + 1, parent)
    dispatched()
    open_ones = list(db.session.scalars(db.select(Assignment.case_id).where(Assignment.ended_at.is_(None))))
    assert open_ones == [parent]
    assert "case_merged" in kinds(case_id) and "duplicate_joined" in kinds(parent)


def test_closing_the_parent_closes_all_with_its_end(office, report, dispatched, client) -> None:
    parent, child, grandchild = report(), report(), report()
    office(merge_case, grandchild, child)
    office(merge_case, child, parent)
    office(close, parent)
    dispatched()
    for case_id in (parent, child, grandchild):
        case = now(case_id)
        assert (case.status, case.outcome, case.closing_note) == ("closed", "fixed", "Two bags.")
        assert kinds(case_id).count("case_closed") == 1, "each reporter is told once"
        page = client.get(f"/cases/{case.number}").text
        assert "It is fixed." in page and "Two bags." in page


def test_what_ends_with_another_case_never_ends_before_it_was_reported(office, phone: Phone, job, report, dispatched) -> None:
    """A late report of trouble that a crew had mended an hour before: its service level is not made prettier by that."""
    parent, round_seen = job("PWD-1")
    closing = phone.closing(parent, round_seen, age_ms=3_600_000)
    with transaction() as tx:
        case = tx.session.get_one(Case, parent)
        case.opened_at = case.assignments[0].assigned_at = case.opened_at.replace(year=case.opened_at.year - 1)
    child = report()
    office(merge_case, child, parent)
    phone.push(closing)
    dispatched()
    assert now(child).closed_at == now(child).opened_at
    assert now(parent).closed_at < now(child).opened_at


def test_reopening_the_parent_takes_the_others_along(office, report, dispatched) -> None:
    parent, child = report(), report()
    office(merge_case, child, parent)
    office(close, parent)
    dispatched()
    office(reopen_case, parent, "still there")
    dispatched()
    case = now(child)
    assert (case.status, case.outcome, case.closed_at, case.merged_into_id) == (Status.MERGED, None, None, parent)


def test_a_parent_withdrawn_as_a_mistake_takes_nobodys_report_with_it(office, report, dispatched) -> None:
    parent, child, grandchild = report(), report(), report()
    office(merge_case, grandchild, child)
    office(merge_case, child, parent)
    office(withdraw_case, parent, "a prank")
    dispatched()
    assert now(child).status in OPEN_STATUSES and now(child).merged_into_id is None
    assert now(grandchild).merged_into_id == child
    assert db.session.scalars(db.select(Assignment).where(Assignment.case_id == child, Assignment.ended_at.is_(None))).one()


def test_a_split_gives_it_back_whole(office, report, dispatched) -> None:
    parent, child, grandchild = report(), report(name="Ann"), report()
    office(merge_case, grandchild, child)
    office(merge_case, child, parent)
    office(split_case, child, "another hole")
    case = now(child)
    assert (case.status, case.round, case.merged_into_id) == (Status.RECEIVED, 2, None)
    assert (root_id(db.session, grandchild), family_ids(db.session, parent)) == (child, [parent])
    assert "duplicate_parted" in kinds(parent)
    dispatched()
    assert now(child).status == "assigned"


@pytest.mark.parametrize("deed", [split_case, reopen_case])
def test_split_after_both_were_closed_it_waits_again_alone(office, report, dispatched, deed) -> None:
    parent, child = report(), report()
    office(merge_case, child, parent)
    office(close, parent)
    dispatched()
    office(deed, child, "not my hole")
    dispatched()
    case = now(child)
    assert (case.merged_into_id, case.outcome, case.round) == (None, None, 3)  # merged, reopened, given to a crew
    assert now(parent).status == "closed"
    assert "case_split" in kinds(child)


def test_nothing_is_merged_into_itself_into_its_own_or_into_what_is_over(office, report) -> None:
    one, two, three, done = report(), report(), report(), report()
    office(close, done)
    office(merge_case, two, one)
    with pytest.raises(BadInput):
        office(merge_case, one, one)
    with pytest.raises(BadInput):
        office(merge_case, one, two)
    with pytest.raises(Conflict, match="merged already"):
        office(merge_case, two, three)
    with pytest.raises(Conflict, match="not open"):
        office(merge_case, three, done)
    with pytest.raises(Conflict, match="merged into another"):
        office(close, two)
    office(merge_case, three, two)  # means the one that is dealt with
    assert now(three).merged_into_id == one


def test_what_was_urgent_stays_urgent(office, report) -> None:
    parent, child = report(), report()
    office(mark_urgent, child, True, "a child fell")
    office(merge_case, child, parent)
    assert now(parent).is_urgent


def test_whoever_deals_with_it_sees_every_reporter_and_every_photo(office, report, signed_in) -> None:
    parent, child = report(name="Ann", email="ann@example.org"), report(name="Bob", phone="617 555 0101")
    office(merge_case, child, parent)
    whole = dossier(db.session, now(parent), with_contacts=True)
    assert [reported.name for reported in whole.reports] == ["Ann", "Bob"]
    assert [case.id for case in whole.duplicates] == [child]
    page = signed_in("dora").get(f"/console/cases/{now(parent).number}").text
    assert "Reported 2 times" in page and "Show who reported it (2)" in page
    assert now(child).number in page


# ---- the sync rule: a crew that holds a case which was merged away loses nothing -------------------------------------


def late_closing(phone: Phone, office, job, report) -> tuple[int, int, str, dict[str, Any]]:
    """A crew closes offline what was merged meanwhile: (case, the one dealt with, the closing's id, its photo)."""
    case_id, round_seen = job("PWD-1")
    parent = report()
    office(merge_case, case_id, parent)
    ref = photo_ref(jpeg())
    closing = phone.closing(case_id, round_seen, [ref])
    said = phone.push(closing).json["results"][0]
    assert (said["verdict"], said["review"], said["case"]["status"]) == ("needs_review", "office_moved", "merged")
    phone.upload(ref, jpeg())
    return case_id, parent, closing["id"], ref


def test_a_closing_of_a_case_that_was_merged_away_is_kept_with_its_photo(phone: Phone, office, job, report) -> None:
    case_id, parent, closing_id, ref = late_closing(phone, office, job, report)
    assert db.session.get_one(Closure, closing_id).case_id == case_id
    assert db.session.get_one(Photo, ref["id"]).verified_at is not None
    assert (now(case_id).review_reason, now(parent).status) == ("office_moved", "received")
    [shown] = [j for j in phone.pull()["jobs"] if j["id"] == case_id]
    assert (shown["mine"], shown["closures"][0]["review"]) == (False, "office_moved")


def test_accepted_it_counts_for_the_case_that_is_dealt_with_and_all_end(
    phone: Phone, office, job, report, dispatched, client
) -> None:
    case_id, parent, closing_id, _ = late_closing(phone, office, job, report)
    dispatched()
    office(settle_closure, closing_id, True)
    dispatched()
    for i in (case_id, parent):
        assert (now(i).status, now(i).outcome, now(i).closing_note) == ("closed", "fixed", "Done.")
    assert db.session.scalar(db.select(Assignment).where(Assignment.ended_at.is_(None))) is None
    assert client.get(f"/cases/{now(parent).number}").text.count("<figure") == 1, "the proof is on both pages"
    [shown] = [j for j in phone.pull()["jobs"] if j["id"] == case_id]
    assert shown["closures"][0]["settled"] == "accepted"


def test_dismissed_it_changes_nothing(phone: Phone, office, job, report) -> None:
    case_id, parent, closing_id, _ = late_closing(phone, office, job, report)
    office(settle_closure, closing_id, False)
    assert (now(case_id).status, now(parent).status) == ("merged", "received")


# ---- any order -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_in_any_order_cases_are_trees_and_what_is_merged_shares_the_fate_of_its_root(
    office, report, dispatched, city, seed: int
) -> None:
    rng = random.Random(seed)
    cases = [report() for _ in range(5)]
    deeds = {
        "merge": lambda a, b: office(merge_case, a, b),
        "split": lambda a, b: office(split_case, a, ""),
        "close": lambda a, b: office(close, a),
        "reopen": lambda a, b: office(reopen_case, a, "again"),
        "withdraw": lambda a, b: office(withdraw_case, a, "mistake"),
    }
    done = 0
    for _ in range(40):
        name = rng.choices(list(deeds), [12, 4, 3, 6, 1])[0]
        try:
            deeds[name](*rng.sample(cases, 2))
            done += 1
        except (BadInput, Conflict):
            continue
        dispatched()
        for case_id in cases:
            root = now(root_id(db.session, case_id))
            assert case_id in family_ids(db.session, root.id)
            if root.id == case_id:
                assert now(case_id).status != Status.MERGED
                continue
            status = now(case_id).status
            assert status == ("closed" if now(root.id).status == "closed" else Status.MERGED)
            with transaction() as tx:  # told twice: nothing more to do
                share_fate(tx, now(case_id).merged_into_id, None)
                assert tx.events == []
    assert done >= 8


# ---- the page --------------------------------------------------------------------------------------------------------


def test_a_dispatcher_merges_and_splits_on_the_page(signed_in, report) -> None:
    one, two = report(), report()
    numbers = {i: now(i).number for i in (one, two)}
    desk = signed_in("dora")
    page = desk.get(f"/console/cases/{numbers[two]}").text
    assert "Perhaps the same trouble" in page and f"Merge: deal with {numbers[one]}" in page
    answer = desk.post(f"/console/cases/{numbers[two]}/merge", data={"other": numbers[one], "keep": "this"})
    assert answer.status_code == 303
    assert now(one).merged_into_id == two
    merged = desk.get(f"/console/cases/{numbers[one]}").text
    assert f"{numbers[two]}</a></h2>" in merged and "Split it off" in merged
    assert "Close it from the office" not in merged
    assert desk.post(f"/console/cases/{numbers[one]}/split", data={"why": "two holes"}).status_code == 303
    assert "two holes" in desk.get(f"/console/cases/{numbers[one]}").text
    for other, field in (("", "other"), ("26-999999", "other"), (numbers[one], "other")):
        refused = desk.post(f"/console/cases/{numbers[one]}/merge", data={"other": other})
        assert refused.status_code == 400
        assert f'id="merge-{field}-wrong"' in refused.text


def test_merging_is_moving_work(signed_in, report) -> None:
    one, two = report(), report()
    assert signed_in("cal").post(f"/console/cases/{now(two).number}/merge", data={"other": now(one).number}).status_code == 403
    assert now(two).merged_into_id is None
