"""The whole surface on one screen: each blueprint, where it lives, who may come in."""

from collections.abc import Callable

from flask import Blueprint

from crew_app.guards import anybody, crew_only, office_only, signed_in
from crew_app.routes import (
    account,
    approvals,
    audit,
    basemap,
    case_list,
    case_page,
    case_photos,
    changes_page,
    crews_page,
    dashboard,
    data,
    deeds,
    desk,
    extra_hands,
    feeds,
    follow,
    health,
    hours_page,
    intake,
    job_sheets,
    live,
    metrics,
    moves,
    open311,
    openapi,
    people_page,
    phone,
    phones_page,
    photos,
    public,
    public_map,
    pwa,
    quarantine,
    replies_page,
    review,
    rules_page,
    services_page,
    shifts_page,
    territories_page,
    uploads,
    ways_in,
    web_push,
    well_known,
)

BLUEPRINTS: tuple[tuple[Blueprint, str, Callable[[], None]], ...] = (
    (public.bp, "/", anybody),  # residents: report, follow
    (data.bp, "/data", anybody),  # open data
    (dashboard.bp, "/dashboard", anybody),
    (feeds.bp, "/feeds", anybody),
    (follow.bp, "/follow", anybody),  # news by e-mail, for whoever said yes
    (public_map.bp, "/map", anybody),  # what is reported around here
    (open311.bp, "/open311", anybody),  # other people's apps: reading is free, reporting takes a key
    (openapi.bp, "/", anybody),  # all of this, as programs read it
    (pwa.bp, "/", anybody),  # the phone app's files; what it shows comes from /sync, behind its guard
    (basemap.bp, "/", anybody),  # streets are everybody's
    (photos.bp, "/photos", anybody),  # decides photo by photo
    (ways_in.bp, "/sign-in", anybody),  # the office's: the second step, the city's own sign-in
    (account.bp, "/account", signed_in),  # one's own password, second step, sign-ins
    (phone.bp, "/sync/v1", crew_only),
    (uploads.bp, "/sync/v1/photos", crew_only),
    (desk.bp, "/console", office_only),  # the page of the live picture
    (web_push.bp, "/sync/v1/web-push", crew_only),
    (case_list.bp, "/console", office_only),
    (case_page.bp, "/console/cases", office_only),
    (case_photos.bp, "/console/cases", office_only),
    (intake.bp, "/console/intake", office_only),
    (job_sheets.bp, "/console", office_only),
    (crews_page.bp, "/console/crews", office_only),
    (quarantine.bp, "/console/quarantine", office_only),
    (replies_page.bp, "/console/replies", office_only),
    (people_page.bp, "/console/people", office_only),
    (phones_page.bp, "/console/phones", office_only),
    (services_page.bp, "/console/services", office_only),
    (shifts_page.bp, "/console/shifts", office_only),
    (hours_page.bp, "/console/hours", office_only),
    (territories_page.bp, "/console/territories", office_only),
    (audit.bp, "/console/audit", office_only),  # who saw or changed what
    (changes_page.bp, "/console/changes", office_only),
    (rules_page.bp, "/console/rules", office_only),  # where cases go
    (live.bp, "/console/live", office_only),  # the picture the desk keeps up to date
    (review.bp, "/console", office_only),  # both versions, one decision
    (extra_hands.bp, "/console", office_only),  # crews lent, and crews for an emergency
    (deeds.bp, "/console", office_only),  # what the office did, and undo
    (approvals.bp, "/console", office_only),
    (moves.bp, "/console/api", office_only),  # what the desk does to cases (docs/console-api.md)
    (health.bp, "/", anybody),
    (well_known.bp, "/.well-known", anybody),
    (metrics.bp, "/", anybody),  # with the token, or from this machine
)
