"""The 35 attacks that are thought of, what stands against each, and the tests that try it. docs/security/threat-model.md is written from this.

A test is named "file::function" below tests/; those under `in_a_browser` take a real Chromium and run with everything else, not
with `make score-attack`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Threat:
    number: int
    attack: str
    against: str
    tests: tuple[str, ...]
    in_a_browser: tuple[str, ...] = ()


ROUTE, ONE = "attack/test_every_route.py::", "attack/test_attacks.py::"
APP = "crew_app/test_"

THREATS = (
    Threat(
        1, "A lost or stolen crew phone",
        "It holds today's jobs and no reporter's name, mail or number; one click switches it off: reads are refused and clear it, what "
        "it still sends is kept in quarantine and not applied. A PIN locks a shared phone. Sign-ins end from elsewhere.",
        (f"{APP}push.py::test_a_revoked_phones_work_is_kept_but_not_applied", f"{APP}sign_ins.py::test_three_days_of_work_survive_the_end_of_the_sign_in",
         f"{APP}second_step.py::test_somebody_above_ends_them_all", f"{APP}devices.py"),
        ("browser/test_lost_phone.py::test_a_lost_phone_is_switched_off_in_one_click",),
    ),
    Threat(
        2, "A shared phone: one person's work under another's name",
        "Each person has an outbox of their own; each request says whose work it carries, and another person's session is refused.",
        (f"{APP}push.py::test_another_persons_outbox_is_not_taken_for_ones_own", f"{APP}uploads.py::test_another_persons_upload_is_not_there"),
        ("faults/test_office.py::test_F36_somebody_else_signs_in_on_this_phone",),
    ),
    Threat(
        3, "Another crew's or department's things by changing an id",
        "One `can(actor, action, thing)`; queries by what one may see; 404 where one may not know.",
        ("authz/test_authz.py::test_every_cell_is_answered_as_the_table_says", "authz/test_authz.py::test_every_route_has_cells",
         "authz/test_authz.py::test_a_department_that_reaches_too_far_is_found"),
    ),
    Threat(
        4, "The office moves a case while its closing waits in an outbox",
        "A late closing is kept with its photos, needs a look, and both sides see it; nothing is refused into the void.",
        ("sync/test_reconcile.py::test_a_closure_is_always_kept_and_never_closes_another_round", f"{APP}review.py"),
        ("faults/test_office.py::test_F27_the_office_moves_the_case_while_the_crew_closes_it",),
    ),
    Threat(
        5, "Somebody raises their own role",
        "A role comes from above only and each change is written down; the first administrator is made by `flask init` alone; the "
        "phone's door does not open the office.",
        (f"{APP}people_page.py::test_whatever_a_supervisor_does_nobody_comes_to_stand_beside_or_above_them",
         f"{APP}people_page.py::test_a_supervisor_gives_no_role_that_is_not_below_their_own",
         f"{ONE}test_only_the_command_makes_the_first_administrator_and_only_the_first",
         f"{APP}sign_ins.py::test_what_is_signed_in_at_the_phones_door_does_not_open_the_office"),
    ),
    Threat(
        6, "Fields nobody may set, sent along with a good form",
        "One schema for each action; unknown fields are refused, and nobody may switch that off.",
        (f"{ROUTE}test_no_column_can_be_set_from_outside", "house/test_house_rules.py::test_incoming_forms_and_bodies_refuse_unknown_fields"),
    ),
    Threat(
        7, "Another site acts in a signed-in person's name",
        "SameSite cookie; Origin and Sec-Fetch-Site of every request that changes something; a header no form can set on the phone's. "
        "No token, for it would be stale in an outbox of three days.",
        (f"{ROUTE}test_no_other_site_can_make_a_browser_do_it",
         "house/test_house_rules.py::test_every_request_that_changes_something_is_checked_for_its_origin"),
    ),
    Threat(
        8, "Script in what residents write, on the office's, crews' and public pages, in feeds",
        "Templates escape; the apps build text, not markup; no page allows inline script or frames; feeds are made by a serializer.",
        (f"{ROUTE}test_hostile_words_in_every_column_stay_words_on_every_page", f"{ROUTE}test_every_page_forbids_script_of_others_and_frames",
         f"{APP}feeds.py::test_hostile_words_stay_words_in_every_form", "house/test_markup.py"),
    ),
    Threat(
        9, "Formulas in what is opened with a spreadsheet",
        "Text that begins as a formula does gets an apostrophe; numbers stay numbers.",
        (f"{APP}open_data.py::test_no_cell_is_a_formula", f"{APP}search.py::test_no_cell_begins_as_a_formula_does"),
    ),
    Threat(
        10, "A picture that is small to send and huge to open",
        "Pictures are decoded in a child process with little memory and little time, at most 50 million pixels, four formats.",
        ("photos/test_photos.py::test_hostile_pictures_kill_a_child_and_never_the_server",),
    ),
    Threat(
        11, "A page, archive or script that calls itself a picture",
        "What was sent is never served; what is shown was drawn anew, with a fixed type, nosniff and a policy that runs nothing.",
        ("photos/test_photos.py::test_what_is_two_things_at_once_comes_out_as_a_picture_alone", f"{APP}public.py::test_what_is_no_photo_is_sent_back"),
    ),
    Threat(
        12, "Where a resident lives, in what their camera wrote into the photo",
        "Every picture is written anew without metadata, whichever way it came.",
        ("photos/test_photos.py::test_nothing_a_camera_wrote_is_left_whichever_way_it_came",),
    ),
    Threat(
        13, "A path in a name: out of the folder it belongs to",
        "Names are made by the server and matched whole; files are opened without following links.",
        (f"{APP}uploads.py::test_an_upload_that_is_not_ours_is_not_there", f"{APP}pwa_files.py::test_nothing_else_is_a_file", "contracts/test_photo_store.py"),
    ),
    Threat(
        14, "Uploads that are begun by the thousand, or never end; a full disk",
        "Length at the beginning, 20 MiB at most, 200 begun at once (the oldest gives way); on a nearly full disk photos wait and "
        "closings are taken; what was left is swept.",
        (f"{ONE}test_an_upload_of_no_sensible_length_is_not_begun", f"{ONE}test_whoever_begins_thousands_of_uploads_keeps_the_newest",
         f"{ONE}test_on_a_nearly_full_disk_photos_wait_and_closings_are_taken",
         f"{APP}uploads.py::test_uploads_begun_and_left_are_swept_at_night_and_others_are_not"),
    ),
    Threat(
        15, "The server is made to ask addresses inside the city's network (media_url)",
        "No address a stranger sends is ever fetched.",
        (f"{ONE}test_no_address_a_stranger_sends_is_ever_fetched",),
    ),
    Threat(
        16, "The same by the address of a push service",
        "Known push services only, looked up once and asked at that address, public addresses only, no redirects.",
        (f"{APP}push_services.py",),
    ),
    Threat(
        17, "Keys of other people's programs are guessed, or leak",
        "256 random bits, kept as a digest; wrong ones are counted by address; no log has them.",
        (f"{ONE}test_keys_cannot_be_guessed_and_stand_in_no_log", f"{APP}open311.py::test_a_key_is_kept_as_a_digest_and_can_be_revoked"),
    ),
    Threat(
        18, "A flood of made-up reports",
        "Limits by address, network and key, none for all together: a storm is not an attack. Reports of one place are shown together; "
        "photos wait for the office.",
        (f"{APP}limits.py",),
    ),
    Threat(
        19, "XML that grows when it is read, or reads files",
        "No route reads XML; what is written as XML holds only what XML may.",
        (f"{ROUTE}test_xml_is_read_nowhere", f"{APP}open311.py::test_hostile_words_cannot_break_either_format"),
    ),
    Threat(
        20, "Signing in leads to another site",
        "After signing in one goes to a path of ours, or to the desk.",
        (f"{APP}console.py::test_signing_in_leads_nowhere_else",),
    ),
    Threat(
        21, "A planted or stolen session",
        "The cookie's word stands for a row, is new at each sign-in, and is worth nothing once that is over.",
        (f"{APP}sign_ins.py::test_the_word_changes_at_each_coming_in_and_the_old_one_is_worth_nothing",
         f"{APP}sign_ins.py::test_a_copied_word_is_not_in_the_database", f"{ROUTE}test_a_stolen_cookie_alone_does_not_survive_its_end",
         f"{APP}sign_ins.py::test_a_sign_in_ends_by_itself_when_it_is_not_used"),
    ),
    Threat(
        22, "A captive portal or a poisoned cache speaks for the city",
        "The phone believes JSON of the right shape only; the worker keeps files of its own build; it is asked for anew each time.",
        (f"{APP}pwa_files.py",),
        ("faults/test_links.py::test_F14_a_captive_portal_answers_for_the_city", "faults/test_links.py::test_F44_a_cache_in_between_answers_with_an_old_page"),
    ),
    Threat(
        23, "Work of a phone is sent again, or in another order",
        "An operation's id counts once: the same again is answered as before, another content is kept apart.",
        (f"{APP}push.py::test_an_id_used_again_for_something_else_is_kept_apart", f"{APP}push.py::test_a_number_used_again_is_kept_apart",
         "sync/test_reconcile.py::test_within_a_round_the_order_of_arrival_does_not_matter"),
        ("faults/test_links.py::test_F19_requests_arrive_twice_and_out_of_order",),
    ),
    Threat(
        24, "A clock set back makes late work look early",
        "The age since the deed is believed before the wall clock; whatever improves the service level is not believed.",
        ("sync/test_clocks.py", f"{APP}push.py::test_wrong_clocks_neither_lose_nor_prettify"),
    ),
    Threat(
        25, "A closing from somewhere else than the case",
        "Where a phone says it was is evidence and no proof: what looks odd counts, and a person looks at it.",
        (f"{APP}suspicions.py",),
    ),
    Threat(
        26, "Thousands of cases are closed that nobody worked on",
        "More than 25 closings a minute, or several at once, wait for a second person; each is undone as one for 30 days.",
        (f"{APP}office_deeds.py::test_nine_thousand_cases_cannot_be_closed_by_one_and_undo_brings_back_equal_rows",
         f"{APP}office_deeds.py::test_the_26th_closing_within_a_minute_waits_for_a_second_person",
         f"{APP}office_deeds.py::test_two_requests_at_once_are_counted_both"),
    ),
    Threat(
        27, "A resident's name, number or words on a public page",
        "Public answers are made of named fields only; telephone numbers and addresses in free words are blotted out.",
        ("privacy/test_privacy.py", f"{APP}public.py::test_what_is_private_stays_private"),
    ),
    Threat(
        28, "The same in the open data",
        "Written row by row from named fields; what is private in the city is not in it.",
        (f"{APP}open_data.py::test_what_is_private_is_not_in_it", "privacy/test_privacy.py::test_no_canary_leaves_the_house"),
    ),
    Threat(
        29, "The same in logs and mistakes",
        "A line of the log has named fields: no address, question, body or name; a mistake of ours says so and no more.",
        (f"{APP}metrics.py::test_a_line_of_the_log_is_json_with_the_route_and_without_the_address", "privacy/test_privacy.py::test_no_canary_leaves_the_house"),
    ),
    Threat(
        30, "Somebody else's code among ours",
        "Each package is pinned with its hash, has a reason and a licence; no page loads anything from another host.",
        ("house/test_dependencies.py", f"{ROUTE}test_every_page_forbids_script_of_others_and_frames"),
    ),
    Threat(
        31, "Questions about everything at once",
        "Rows, days and pages are capped, and how often one may ask; what is whole is streamed.",
        (f"{ONE}test_a_question_about_everything_is_answered_in_part_or_refused",
         f"{APP}open311.py::test_pages_are_capped_and_say_so_and_a_json_address_never_answers_html",
         f"{APP}open_data.py::test_memory_does_not_grow_with_the_number_of_cases"),
    ),
    Threat(
        32, "Words that mean something to a database or a parser",
        "Statements have parameters; words for a search are quoted; one gate for JSON, numbers and text.",
        (f"{APP}search.py::test_what_a_search_language_would_mean_means_nothing",
         f"{APP}push.py::test_a_bad_body_gets_an_error_that_names_the_field_and_is_kept", "bad/test_bad.py"),
    ),
    Threat(
        33, "Packed bombs and forms of thousands of parts",
        "Packed bodies are not unpacked; the size of a body and the number of its parts are bounded.",
        (f"{ONE}test_a_packed_bomb_is_not_unpacked", f"{ONE}test_a_form_of_thousands_of_parts_is_refused",
         f"{APP}public.py::test_more_than_the_server_reads_at_all"),
    ),
    Threat(
        34, "A case's address on a locked screen",
        "A push says of what kind the news is and how many; the app fetches the rest.",
        (f"{APP}web_push.py::test_a_new_job_an_urgent_one_one_that_went_away_and_words_of_the_office_are_received_and_opened",
         "privacy/test_privacy.py::test_no_canary_leaves_the_house"),
        ("browser/test_day.py::test_a_push_is_shown_by_the_service_worker_and_says_nothing_of_whom_or_where",),
    ),
    Threat(
        35, "A stolen backup",
        "Sealed for a key that is not on the server, its owner's alone; secrets in it are digests, or sealed once more; what a resident "
        "asked to have erased is erased again after a restore.",
        (f"{APP}backups.py::test_a_sealed_backup_shows_nothing_and_opens_with_its_key_only",
         f"{APP}second_step.py::test_secrets_are_sealed_and_no_record_repeats_them", f"{APP}erasure.py"),
    ),
)  # fmt: skip


def document() -> str:
    """The table of docs/security/threat-model.md."""
    rows = ["| | attack | what stands against it | tried by (below `tests/`) |", "|---|---|---|---|"]
    for it in THREATS:
        names = ", ".join(f"`{name}`" for name in (*it.tests, *it.in_a_browser))
        rows.append(f"| T{it.number} | {it.attack} | {it.against} | {names} |")
    return "\n".join(rows) + "\n"
