"""Every sentence that residents and crews read is in the catalogue, and every catalogue has it whole.

After a change of words: `make words`, then write the translations into crew_app/translations/ (CONTRIBUTING.md).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import nodes

sys.path.insert(0, str(Path(__file__).parent))

from gather import RESIDENT_TEMPLATES, ROOT, TEMPLATES, brought_up_to_date, is_whole, path_of, read, sentences, write

from crew_app import errors, languages
from crew_app.extensions import db
from crew_app.languages import ENGLISH, LANGUAGES, PLACE, Language, language_for, number_words, share_of
from crew_app.models import Case, Service
from crew_app.services.assignments import assign_case, take_back
from crew_app.services.cases import NewReport, add_note, close_by_office, open_case, reopen_case, withdraw_case
from crew_app.transaction import transaction
from crew_app.wire.pages import PROBLEM_TITLES
from crew_app.wire.times import ago, local_time, plain_time

OTHERS = [language for language in LANGUAGES.values() if language is not ENGLISH]
SPOKEN = ("title", "alt", "placeholder", "aria-label", "label", "content")  # attributes that are read out
# Names, and words that are the same everywhere.
NAMES = re.compile(
    r"311|Crew311|CityScore|CSV|XML|JSON Feed|GeoJSON|GeoParquet|GeoRSS|Atom|Open311 Bulk|[\w./?=&:-]*/[\w./?=&:-]*|\d\d-\d{6}"
    r"|width=device-width, initial-scale=1|light dark"
)
LETTERS = re.compile(r"[^\W\d_]{2,}")


@pytest.fixture(scope="module")
def said() -> Catalog:
    return sentences()


def forms_of(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


@pytest.mark.parametrize("language", OTHERS, ids=lambda language: language.code)
def test_a_catalogue_has_all_that_is_said_and_nothing_else(said: Catalog, language: Language) -> None:
    now = write(brought_up_to_date(said, read(language), language), language)
    assert now == path_of(language).read_bytes(), "run `make words`, then translate what is new"
    lacking = [message.id for message in read(language) or () if message.id and not is_whole(message)]
    assert not lacking, f"not translated into {language.name} ({path_of(language).name}): {lacking}"


@pytest.mark.parametrize("language", OTHERS, ids=lambda language: language.code)
def test_a_translation_fills_the_same_places(language: Language) -> None:
    wrong = []
    for message in read(language) or ():
        ids = (message.id,) if isinstance(message.id, str) else message.id
        wanted = {place for words in ids for place in PLACE.findall(words)}
        for form in forms_of(message):
            found = set(PLACE.findall(form))
            # A form for one thing, or none, may leave out the number.
            if message.id and (found - wanted or wanted - found - ({"n"} if message.pluralizable else set())):
                wrong.append(f"{form!r} has {sorted(found)}, not {sorted(wanted)}")
    assert not wrong, wrong


def test_titles_and_heads_made_elsewhere_are_marked() -> None:
    titles = {kind.title for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.Problem)}
    assert titles <= set(PROBLEM_TITLES)


class Spoken(HTMLParser):
    """What somebody reads or hears of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.silent += tag in ("code", "script", "style")
        self.words += [value for name, value in attributes if name in SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in ("code", "script", "style")

    def handle_data(self, text: str) -> None:
        if not self.silent:
            self.words.append(text)


def spoken(html: str) -> list[str]:
    parser = Spoken()
    parser.feed(html)
    return [words for words in parser.words if '="' not in words]  # attributes on their own, of a macro


def has_words(text: str) -> bool:
    return bool(LETTERS.search(NAMES.sub("", text)))


def pieces(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    """(line, words) of a template that do not come from the catalogue: text, and strings that look like sentences."""
    html: list[str] = []
    for node in tree.find_all(nodes.Output):
        html += [part.data if isinstance(part, nodes.TemplateData) else "…" for part in node.nodes]
    yield from ((0, words.strip()) for words in spoken("".join(html)))
    translated = {
        id(inner)
        for call in tree.find_all(nodes.Call)
        if getattr(call.node, "name", "") in ("t", "tn", "tc")
        for inner in call.find_all(nodes.Const)
    }
    for const in tree.find_all(nodes.Const):
        is_sentence = isinstance(const.value, str) and re.search(r"[^\W\d_]+ [^\W\d_]|^[A-Z][a-z]", const.value)
        if is_sentence and id(const) not in translated and not const.value.startswith("<"):
            yield const.lineno, const.value


@pytest.mark.parametrize("path", RESIDENT_TEMPLATES, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_no_words_of_a_residents_page_bypass_the_catalogue(app: Flask, path: Path) -> None:
    found = [piece for piece in pieces(app.jinja_env.parse(path.read_text())) if has_words(piece[1])]
    assert not found, f"{path.relative_to(ROOT)}: say these by t(): {found}"


# What TypeScript says to residents and crews; the desk and the tools of the office are in English.
OFFICE_SCRIPT = ("edit-polygon.ts", "draw-territory.ts", "draw-areas.ts", "replies.ts")
WORDS_OF_SCRIPT = sorted(
    path
    for room in ("crew", "site", "map", "design", "sw")
    for path in (ROOT / "pwa" / "src" / room).rglob("*.ts*")
    if path.name not in OFFICE_SCRIPT
)
COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"])//[^\n]*", re.DOTALL)
SAID = re.compile(r"""\b(?:t|tn|tc)\(\s*(?:"(?:[^"\\]|\\.)*"(?:,\s*)?)+""")
SENTENCE = re.compile(r"""["`]([A-Z][a-z]+(?:[ …’'][^"`]*)?)["`]|>\s*([A-Z][a-z]+[^<>{}=;]*)</""")
NOT_SAID = re.compile(
    r"Notification|Feature|Point|Polygon|Segoe UI|Noto Sans|Liberation Sans|"
    r"Crew311|English|[A-Z]\w*Error|Arrow\w+|Enter|Escape|Home|End|Delete|Backspace|Shift|Accept|Content-Type|January, .*|Sunday, .*"
)


@pytest.mark.parametrize("path", WORDS_OF_SCRIPT, ids=lambda path: path.relative_to(ROOT / "pwa" / "src").as_posix())
def test_no_words_of_the_phone_bypass_the_catalogue(path: Path) -> None:
    source = SAID.sub("", COMMENT.sub("", path.read_text()))
    found = [words for pair in SENTENCE.findall(source) for words in pair if words and not NOT_SAID.fullmatch(words.strip())]
    assert not found, f"{path.relative_to(ROOT)}: say these by t(): {found}"


# ---- whole pages ---------------------------------------------------------------------------------------------------------

# Each page a resident can open, and what stands in its address; `cases` are several, in different states.
PAGES = {
    "public.home": ["/"],
    "public.report": ["/report", "/report?service=none", "/report?service=pothole"],
    "public.find": [],  # only leads to another
    "public.case": [],  # see CASES
    "public.sign_in": ["/sign-in"],
    "follow.page": ["/follow/"],
    "follow.show": [],  # see test_followers.py
    "data.page": ["/data/"],
    "dashboard.page": ["/dashboard/"],
    "public_map.page": ["/map/", "/map/?bbox=-71.2,42.2,-71.0,42.4", "/map/?bbox=1"],
}
RESIDENTS = ("public", "follow", "public_map", "data", "dashboard")
DATA = re.compile(
    "|".join(re.escape(language.name) for language in LANGUAGES.values())
    + r"|Boston|Pothole|Tree|Public Works|Parks|Main St|All of it|A hole|A public word|Done by hand"
    r"|(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|September|October|November|December"
    r"|http\S*|\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b|bbox|answer:none"
)


def test_every_page_of_residents_is_looked_at(app: Flask) -> None:
    known = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint.split(".")[0] in RESIDENTS
    }
    programs = {
        "data.dictionary",
        "data.cases_csv",
        "data.cases_geojson",
        "data.cases_parquet",
        "dashboard.download",
        "public_map.cases",
    }
    assert known - programs == set(PAGES), "say in PAGES how to open it, so that its words are looked at"


def test_whole_pages_say_nothing_that_bypasses_the_catalogue(city, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything t() says is put in brackets: what stands outside them and is no data was never translated."""
    addresses = [*(address for some in PAGES.values() for address in some), *cases_in_all_states(city), "/nothing"]
    monkeypatch.setattr(languages, "_forms", lambda words, context="": (f"⟦{words}⟧",) * 2)
    pages = [(address, client.get(address, headers={"Accept": "text/html"}).text) for address in addresses]
    wrong = {"lat": "1", "email": "x", "answer:none": "1"}
    pages.append(
        ("POST /report", client.post("/report", data={"service": "pothole"} | wrong, headers={"Accept": "text/html"}).text)
    )
    pages.append(("POST /sign-in", client.post("/sign-in", data={"email": ""}, headers={"Accept": "text/html"}).text))
    found = [
        (address, words.strip()) for address, html in pages for words in spoken(outside(html)) if has_words(DATA.sub("", words))
    ]
    assert not found, found


def outside(html: str) -> str:
    """What is left of it without what came from the catalogue."""
    while html != (html := re.sub(r"⟦[^⟦⟧]*⟧", "", html)):
        pass
    return html


def cases_in_all_states(city) -> list[str]:
    """The addresses of cases that were sent, closed in each way, opened again, joined and withdrawn."""
    dora = city.person_ids["dora"]

    def new() -> Case:
        with transaction() as tx:
            place = {"latitude": 42.35, "longitude": -71.09, "address": "12 Main St", "description": "A hole"}
            return db.session.get_one(Case, open_case(tx, NewReport(service_code="pothole", **place)).id)

    cases = [new()]
    for outcome, detail in (("fixed", None), ("not_ours", ""), ("scheduled", "2026-11-30"), ("duplicate", cases[0].number)):
        cases.append(new())
        with transaction() as tx:
            close_by_office(tx, cases[-1].id, outcome, detail, "Done by hand", dora)
    with transaction() as tx:
        assign_case(tx, cases[0].id, city.crew_ids["PWD-1"], dora)
        add_note(tx, cases[0].id, "A public word", dora, is_public=True)
    with transaction() as tx:
        take_back(tx, cases[0].id, "", dora)
        reopen_case(tx, cases[1].id, "", dora)
    with transaction() as tx:
        withdraw_case(tx, cases[1].id, "", dora)
        tx.session.get_one(Case, cases[0].id).due_at = datetime.now(UTC) - timedelta(days=20)
    return [f"/cases/{case.number}" for case in cases]


# ---- which language ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("es-US,es;q=0.9,en;q=0.8", "es"),
        ("zh-TW", "zh-Hant"),
        ("zh-Hant-HK", "zh-Hant"),
        ("zh-CN", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("en-GB", "en"),
        ("xx,es;q=0.3", "es"),
        ("", "en"),
        ("de", "en"),
    ],
)
def test_a_page_comes_in_the_language_the_browser_asks_for(client: FlaskClient, asked: str, code: str) -> None:
    answer = client.get("/sign-in", headers={"Accept-Language": asked})
    assert f'<html lang="{code}" dir="ltr">' in answer.text
    assert answer.headers["Content-Language"] == code and {"accept-language", "cookie"} <= set(answer.vary.as_set())


def test_a_page_in_a_language_from_the_right_says_so_and_numbers_keep_their_direction(client: FlaskClient, city) -> None:
    page = client.get(f"{cases_in_all_states(city)[0]}?language=ar").text
    assert '<html lang="ar" dir="rtl">' in page
    assert re.search("الحالة \u2068[0-9]+-[0-9]+\u2069", page) and "<bdi>12 Main St</bdi>" in page


def test_a_chosen_language_is_kept(client: FlaskClient, city) -> None:
    assert "¿De qué se trata?" in client.get("/?language=es").text
    assert "¿De qué se trata?" in client.get("/", headers={"Accept-Language": "en"}).text
    assert "What is it about?" in client.get("/?language=en").text
    assert "What is it about?" in client.get("/?language=xx").text


def test_each_page_leads_to_itself_in_the_other_languages(client: FlaskClient, city) -> None:
    page = client.get("/report?service=pothole&language=es").text
    assert 'href="/report?service=pothole&amp;language=en" lang="en"' in page and 'language=es" lang="es"' in page


def test_the_office_and_programs_read_english(client: FlaskClient, signed_in, city) -> None:
    office = signed_in("dora")
    office.set_cookie("language", "es")
    assert '<html lang="en" dir="ltr">' in office.get("/console/cases").text
    client.set_cookie("language", "es")
    assert b"Yesterday" not in client.get("/dashboard/cityscore.csv").data.replace(b"day,week", b"")
    assert "When it was reported." in client.get("/data/dictionary.json").text
    assert "Cuándo se reportó." in client.get("/data/").text


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("es", "lun, 2 nov 2026, 09:05 | lunes, 09:05 | ayer, 09:05 | 3 de octubre, 09:05 | hace 3 d | 1.234,5 | 82 %"),
        ("ht", "lendi 2 novanm 2026, 09:05 | lendi 09:05 | yè 09:05 | 3 oktòb 09:05 | sa gen 3 j | 1 234,5 | 82 %"),
        ("kea", "sig, 2 Nuv 2026, 09:05 | sigunda-fera 09:05 | onti 09:05 | 3 di Otubru 09:05 | 3 d tras | 1 234,5 | 82%"),
        ("vi", "Th 2, 2 thg 11, 2026, 09:05 | Thứ Hai 09:05 | hôm qua 09:05 | 3 tháng 10 09:05 | 3 ngày trước | 1.234,5 | 82%"),
        (
            "pt",
            "seg., 2 de nov. de 2026, 09:05 | segunda-feira, 09:05 | ontem, 09:05 | 3 de outubro, 09:05 | há 3 d | 1.234,5 | 82%",
        ),
        ("zh-Hant", "2026年11月2日 週一 09:05 | 星期一 09:05 | 昨天 09:05 | 10月3日 09:05 | 3 天前 | 1,234.5 | 82%"),
        ("ar", "الاثنين، 2 نوفمبر 2026، 09:05 | الاثنين 09:05 | أمس 09:05 | 3 أكتوبر 09:05 | قبل 3 أيام | 1,234.5 | 82%"),
    ],
)
def test_days_and_numbers_are_said_as_in_the_language(app: Flask, code: str, told: str) -> None:
    now = datetime(2026, 11, 3, 18, 0, tzinfo=UTC)
    monday, days_ago = datetime(2026, 11, 2, 14, 5, tzinfo=UTC), timedelta(days=1)
    with app.test_request_context(f"/?language={code}"):
        said = [
            local_time(monday),
            plain_time(monday, now + 3 * days_ago),
            plain_time(monday, now),
            plain_time(datetime(2026, 10, 3, 13, 5, tzinfo=UTC), now),
            ago(now - 3 * days_ago, now),
            number_words(1234.5),
            share_of(82, 100),
        ]
    # Numbers and addresses keep their direction in a line from the right; CLDR puts a mark of it before the per cent.
    assert re.sub("[\u200e\u200f\u2068\u2069]", "", " | ".join(said)).replace("\u202f", " ").replace("\xa0", " ") == told


def test_what_a_browser_asks_for_is_understood() -> None:
    assert language_for("es-419") is LANGUAGES["es"] and language_for("tlh") is None


def test_the_city_names_its_services_in_other_languages(client: FlaskClient, signed_in, city) -> None:
    address = cases_in_all_states(city)[0]
    sue, service_id = signed_in("sue"), db.session.scalars(db.select(Service.id).where(Service.code == "pothole")).one()
    named = sue.post(f"/console/services/{service_id}/names", data={"language": "es", "name": "Bache"})
    assert named.status_code == 303 and "Bache" in sue.get(f"/console/services/{service_id}").text
    refused = sue.post(
        f"/console/services/{service_id}/names", data={"language": "tlh", "name": "x"}, headers={"Accept": "text/html"}
    )
    assert refused.status_code == 400 and "Choose the language." in refused.text
    for page in ("/?language=es", "/report?service=pothole&language=es", f"{address}?language=es", "/map/cases.json?language=es"):
        assert "Bache" in client.get(page).text and "Pothole" not in client.get(page).text, page
    assert "Pothole" in client.get("/?language=vi").text and "Bache" not in client.get("/feeds/cases.json").text
    sue.post(f"/console/services/{service_id}/names", data={"language": "es", "name": ""})
    assert "Pothole" in client.get("/?language=es").text
