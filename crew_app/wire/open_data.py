"""Boston's open data of 311 cases, as published in three generations of columns: reads files and rows; decides nothing.

`survey(path)` reads a file to its end and says what it is, or raises WrongFile: nothing need be undone afterwards.
`read_rows(path, ...)` streams it. A row that cannot be understood is a BadRow, which names the column.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import math
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, TypeVar
from zoneinfo import ZoneInfo

from crew_app.wire.boston import plain_name
from crew_app.wire.spreadsheet import BEGINS_A_FORMULA
from crew_app.workflow import ClosingOutcome

T = TypeVar("T", str, tuple[str, str])

LEGACY, CURRENT, NEW = "legacy", "legacy, current", "new system"

# name here (the new system's, where it has one): legacy, legacy current, new system. "" where a generation has no such.
COLUMNS: dict[str, tuple[str, str, str]] = {
    "case_id": ("case_enquiry_id", "case_enquiry_id", "case_id"),
    "open_date": ("open_dt", "open_dt", "open_date"),
    "target_close_date": ("target_dt", "sla_target_dt", "target_close_date"),
    "close_date": ("closed_dt", "closed_dt", "close_date"),
    "on_time": ("ontime", "on_time", "on_time"),
    "case_status": ("case_status", "case_status", "case_status"),
    "closure_reason": ("closure_reason", "closure_reason", "closure_reason"),
    "closure_comments": ("", "", "closure_comments"),
    "case_title": ("case_title", "case_title", ""),
    "subject": ("subject", "subject", ""),
    "case_topic": ("reason", "reason", "case_topic"),
    "service_name": ("type", "type", "service_name"),
    "assigned_team": ("queue", "queue", "assigned_team"),
    "assigned_department": ("department", "department", "assigned_department"),
    "submitted_photo": ("submittedphoto", "submitted_photo", "submitted_photo"),
    "closed_photo": ("closedphoto", "closed_photo", "closed_photo"),
    "full_address": ("location", "location", "full_address"),
    "street_number": ("", "", "street_number"),
    "street_name": ("location_street_name", "location_street_name", "street_name"),
    "zip_code": ("location_zipcode", "location_zipcode", "zip_code"),
    "neighborhood": ("neighborhood", "neighborhood", "neighborhood"),
    "neighborhood_services_district": ("neighborhood_services_district", "neighborhood_services_district", ""),
    "public_works_district": ("pwd_district", "pwd_district", "public_works_district"),
    "city_council_district": ("city_council_district", "city_council_district", "city_council_district"),
    "fire_district": ("fire_district", "fire_district", "fire_district"),
    "police_district": ("police_district", "police_district", "police_district"),
    "ward": ("ward", "ward", "ward"),
    "precinct": ("precinct", "precinct", "precinct"),
    "latitude": ("latitude", "latitude", "latitude"),
    "longitude": ("longitude", "longitude", "longitude"),
    "report_source": ("source", "source", "report_source"),
}
# Said twice in the file: the place once more, the portal's own row number. Not worth a word in the report.
REDUNDANT = frozenset({"_id", "geom_4326", "geocoded_location"})
NEEDED = ("case_id", "open_date", "close_date", "case_status", "service_name")
_CANONICAL = {alias: name for name, aliases in COLUMNS.items() for alias in aliases if alias} | {"ontime_status": "on_time"}
# What a case has a column for, and so is not kept beside it.
_HAS_A_HOME = frozenset(
    [
        "case_id",
        "open_date",
        "target_close_date",
        "close_date",
        "case_status",
        "service_name",
        "assigned_department",
        "full_address",
        "zip_code",
        "neighborhood",
        "latitude",
        "longitude",
        "report_source",
    ]
)

IS_CLOSED = {"open": False, "in progress": False, "closed": True}
LONGEST = {"case_id": 64, "full_address": 300, "zip_code": 16, "report_source": 60, "neighborhood": 120,
           "service_name": 160, "assigned_department": 120, "case_topic": 120, "subject": 120}  # fmt: skip
LINE_LIMIT = 1_000_000  # characters; the longest real line has 3,000
READER_VERSION = "1"  # part of each row's digest: raise it when rows are understood differently, and they are read again

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)? ?(Z|[+-]\d\d(:?\d\d)?)?")
_STAMP = re.compile(
    r"Closed date : (?:(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d+)?|\w{3} (\w{3} \d\d? \d\d:\d\d:\d\d) \w+ (\d{4})) ?"
)
_DETAIL = re.compile(r"\[([^\]]{1,500})\]")  # as our own export writes whose it is, which other case, or for when
_CASE_NUMBER = re.compile(r"\b1010\d{8}\b|\bBCS-\d+\b")


class WrongFile(Exception):
    """This is not a file of cases, or not a whole one. One sentence for the person who typed its name."""


class BadRow(Exception):
    """A row that cannot be understood. `column` is its name in COLUMNS, or "row"."""

    def __init__(self, column: str, why: str) -> None:
        super().__init__(f"{column}: {why}")
        self.column = column


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each column stands in a file."""

    header: tuple[str, ...]
    places: dict[str, int]  # canonical name -> index
    left_aside: tuple[str, ...]  # columns of the file that mean nothing here
    generation: str


@dataclass(slots=True)
class Survey:
    """What a file holds, learned without keeping its rows."""

    layout: Layout
    rows: int = 0
    departments: dict[str, Counter[str]] = field(default_factory=dict)  # plain service name -> how often which
    groups: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)  # -> (subject, topic)
    stamped: int = 0  # closing remarks that name their own time
    shifted: int = 0  # of those, so many name one that is later by just the city's distance from UTC

    @property
    def looks_shifted(self) -> bool:
        return self.shifted * 2 > self.stamped

    def usual_department(self, service: str) -> str:
        return _most_common(self.departments.get(plain_name(service)), "")

    def usual_group(self, service: str) -> tuple[str, str]:
        return _most_common(self.groups.get(plain_name(service)), ("", ""))


@dataclass(frozen=True, slots=True)
class RawRow:
    line: int  # where it begins in the file; the header is line 1
    cells: list[str]


@dataclass(frozen=True, slots=True)
class CityRow:
    """One case as the city publishes it. Times are aware, degrees WGS 84; None and "" where the file is blank."""

    number: str
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None  # only of a closed case
    is_closed: bool
    service: str
    topic: str
    subject: str
    department: str  # a code (legacy) or a name (new system)
    outcome: str | None
    outcome_detail: str | None
    closing_note: str
    address: str
    postcode: str
    latitude: float | None
    longitude: float | None
    neighborhood: str
    source: str
    kept: dict[str, str]  # everything else that is not blank, by canonical column name
    digest: str

    @property
    def closed_before_opened(self) -> bool:
        return self.closed_at is not None and self.closed_at < self.opened_at


def survey(path: Path, zone: ZoneInfo) -> Survey:
    """Read the file to its end, keeping nothing; WrongFile says what is wrong with it."""
    with _open_lines(path) as lines:
        rows = _records(lines)
        layout = read_layout(next(rows).cells)
        found = Survey(layout)
        row = None
        for row in rows:
            found.rows += 1
            if len(row.cells) == len(layout.header):
                _learn(found, row.cells, zone)
        if row is None:
            raise WrongFile("The file has a header and no rows.")
        if len(row.cells) < len(layout.header) and not lines.ended_with_newline:
            raise WrongFile(f"The file ends in the middle of line {row.line}: it was not copied to its end.")
        return found


def read_rows(path: Path) -> Iterator[RawRow]:
    """The rows below the header, one at a time."""
    with _open_lines(path) as lines:
        rows = _records(lines)
        next(rows)
        yield from rows


def read_layout(header: list[str]) -> Layout:
    """Which column is where, whatever the header's case; WrongFile if one is missing that we cannot do without."""
    plain = [re.sub(r"\s+", "_", name.strip()).lower() for name in header]
    places: dict[str, int] = {}
    left_aside = []
    for index, name in enumerate(plain):
        canonical = _CANONICAL.get(name)
        if canonical and canonical not in places:
            places[canonical] = index
        elif name not in REDUNDANT:
            left_aside.append(header[index])
    missing = [" or ".join(dict.fromkeys(filter(None, COLUMNS[name]))) for name in NEEDED if name not in places]
    if missing:
        hint = next((f" It seems to be separated by {s!r}; commas are needed." for s in ";\t|" if s in header[0]), "")
        raise WrongFile(f"This is not Boston's open data of 311 cases: it has no column {', none '.join(missing)}.{hint}")
    return Layout(tuple(header), places, tuple(dict.fromkeys(left_aside)), _generation(plain))


def _generation(plain: list[str]) -> str:
    if "case_id" in plain:
        return NEW
    return CURRENT if {"sla_target_dt", "on_time"} & set(plain) else LEGACY


def parse_row(cells: list[str], layout: Layout, zone: ZoneInfo, shifted: bool = False) -> CityRow:
    """Understand one row; BadRow names the column that cannot be.

    `shifted`: the file's times lie as far before the city's as the city lies from UTC (see `unshift`).
    """
    if len(cells) != len(layout.header):
        raise BadRow("row", f"has {len(cells)} columns where the header has {len(layout.header)}")
    texts = {name: _unguarded(cells[index].strip()) for name, index in layout.places.items()}
    get = texts.get
    number, service = get("case_id") or "", get("service_name") or ""
    if not number:
        raise BadRow("case_id", "is blank")
    if not service:
        raise BadRow("service_name", "is blank")
    for name, longest in LONGEST.items():
        if len(get(name) or "") > longest:
            raise BadRow(name, f"has {len(texts[name])} characters; {longest} at most")
    is_closed = IS_CLOSED.get(texts["case_status"].lower())
    if is_closed is None:
        raise BadRow("case_status", f"{texts['case_status'][:40]!r} is none of {', '.join(s.capitalize() for s in IS_CLOSED)}")
    opened_at = _moment("open_date", texts["open_date"], zone, shifted)
    if opened_at is None:
        raise BadRow("open_date", "is blank")
    closed_at = _moment("close_date", texts["close_date"], zone, shifted)
    if is_closed and closed_at is None:
        raise BadRow("close_date", "is blank, and the case is closed")
    outcome, detail, note = None, None, ""
    if is_closed:
        outcome, detail, note = read_closing(get("closure_reason") or "", get("closure_comments") or "")
    latitude, longitude = _degrees("latitude", get("latitude"), 90), _degrees("longitude", get("longitude"), 180)
    if latitude is None or longitude is None:
        latitude = longitude = None
    return CityRow(
        number=number,
        opened_at=opened_at,
        due_at=_moment("target_close_date", get("target_close_date") or "", zone, shifted),
        closed_at=closed_at if is_closed else None,
        is_closed=is_closed,
        service=" ".join(service.split()),
        topic=get("case_topic") or "",
        subject=get("subject") or "",
        department=get("assigned_department") or "",
        outcome=outcome,
        outcome_detail=detail,
        closing_note=note,
        address=" ".join((get("full_address") or "").split()),
        postcode=_postcode(get("zip_code") or ""),
        latitude=latitude,
        longitude=longitude,
        neighborhood=get("neighborhood") or "",
        source=get("report_source") or "",
        kept=_kept(texts, is_closed),
        digest=_digest(texts, shifted),
    )


# How each closing remark begins, in plain words, and what it says of the work. Longest first decides. A remark that
# does not say whether anything was done ("noted", "administratively closed", "internal case", a citation written) has
# no outcome here: calling it fixed would be a claim the city did not make.
_CLOSINGS: tuple[tuple[str, ClosingOutcome | None], ...] = (
    ("case resolved", ClosingOutcome.FIXED),
    ("resolved", ClosingOutcome.FIXED),
    ("viocor: violation corrected", ClosingOutcome.FIXED),
    ("corr: corrected", ClosingOutcome.FIXED),
    ("duplicate of existing case", ClosingOutcome.DUPLICATE),
    ("case scheduled", ClosingOutcome.SCHEDULED),
    ("bulk item automation", ClosingOutcome.SCHEDULED),
    ("case invalid", ClosingOutcome.NOT_FOUND),
    ("invalid", ClosingOutcome.NOT_FOUND),
    ("novio: no violation", ClosingOutcome.NOT_FOUND),
    ("nobase: no basis", ClosingOutcome.NOT_FOUND),
    ("noacc:", ClosingOutcome.NO_ACCESS),
    ("case made safe", ClosingOutcome.MADE_SAFE),  # these two are ours: Boston has no words for them
    ("case no access", ClosingOutcome.NO_ACCESS),
    ("case referred", ClosingOutcome.NOT_OURS),
    ("roa: refer", ClosingOutcome.NOT_OURS),
    ("internal case", None),
    ("case noted", None),
    ("noted", None),
)


def read_closing(reason: str, comments: str = "") -> tuple[str | None, str | None, str]:
    """(outcome or None, its detail or None, what the crew or the office wrote) of a closed case's remark.

    "Case Closed. Closed date : <time> Resolved <words>", "... Case Resolved <words>", "Case Closed Case Resolved <words>".
    """
    words = " ".join(reason.split())
    if words.lower().startswith("case closed"):
        words = words[len("case closed") :].lstrip(". ")
    if (stamp := _STAMP.match(words)) is not None:
        words = words[stamp.end() :]
    elif words.startswith("Closed date :"):
        words = words[len("Closed date :") :].lstrip()
    outcome = detail = None
    for beginning, said in _CLOSINGS:
        if words.lower().startswith(beginning):
            outcome = said
            # The codes of the inspectors ("NOVIO: ...") are their only words; the others only introduce them.
            words = words if ":" in beginning else words[len(beginning) :].lstrip(" .:-")
            if outcome is not None and (bracket := _DETAIL.match(words)) is not None:
                detail, words = bracket[1], words[bracket.end() :].lstrip(" .:-")
            break
    note = " ".join(part for part in (words.strip(" :"), " ".join(comments.split())) if part)
    other = _CASE_NUMBER.search(note) if outcome == ClosingOutcome.DUPLICATE else None
    return outcome, detail or (other.group() if other else None), note


def unshift(moment: datetime, zone: ZoneInfo) -> datetime:
    """The true time of a naive one that was taken for UTC and moved to the city's: 04:30 becomes 08:30 again.

    Files made with a zone-aware tool from zone-less times are so: the 2025 targets, and the sample of 2015 to 2024.
    """
    return moment.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=zone)


def _unguarded(text: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from taking words for a formula."""
    return text[1:] if text.startswith("'") and text[1:].lstrip(" ").startswith(BEGINS_A_FORMULA) else text


def _moment(column: str, text: str, zone: ZoneInfo, shifted: bool) -> datetime | None:
    """A time of the file: with its own offset, or the city's wall clock; BadRow if it is none."""
    if not text:
        return None
    try:
        if not _MOMENT.fullmatch(text):
            raise ValueError
        moment = datetime.fromisoformat(text)
        if not 1970 <= moment.year < 2100:
            raise ValueError
    except ValueError:
        raise BadRow(column, f"{text[:40]!r} is not a time like 2022-01-02 14:11:49") from None
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    return (unshift(moment, zone) if shifted else moment.replace(tzinfo=zone)).astimezone(UTC)


def _degrees(column: str, text: str | None, limit: int) -> float | None:
    if not text:
        return None
    try:
        degrees = float(text)
    except ValueError:
        degrees = math.nan
    if not abs(degrees) <= limit:
        raise BadRow(column, f"{text[:40]!r} is not a number of degrees between -{limit} and {limit}")
    return degrees


def _postcode(text: str) -> str:
    """Spreadsheets take 02134 for a number: 2134.0."""
    digits = text.removesuffix(".0")
    return digits.zfill(5) if digits.isascii() and digits.isdigit() else text


def _ward(text: str) -> str:
    """One ward is written as Ward 3, 03 and 3."""
    digits = text.lower().removeprefix("ward").strip()
    return str(int(digits)) if digits.isascii() and digits.isdigit() else text


def _kept(texts: dict[str, str], is_closed: bool) -> dict[str, str]:
    kept = {name: text for name, text in texts.items() if text and name not in _HAS_A_HOME}
    if "ward" in kept:
        kept["ward"] = _ward(kept["ward"])
    if len(works := kept.get("public_works_district", "")) == 1:
        kept["public_works_district"] = works.zfill(2)
    if texts["case_status"].lower() not in ("open", "closed"):
        kept["case_status"] = texts["case_status"]
    if not is_closed and texts["close_date"]:
        kept["close_date"] = texts["close_date"]
    return kept


def photo_urls(cell: str) -> list[str]:
    """The addresses in a photo column: several are joined by " | "."""
    return [url for part in cell.split("|") if (url := part.strip())]


def _digest(texts: dict[str, str], shifted: bool) -> str:
    """What tells a changed row from an unchanged one, whatever the order of columns and the spelling of the header."""
    said = [f"{name}\x1f{texts[name]}" for name in COLUMNS if texts.get(name)]
    return hashlib.sha256("\x1e".join([READER_VERSION, str(shifted), *said]).encode()).hexdigest()


def _learn(found: Survey, cells: list[str], zone: ZoneInfo) -> None:
    places = found.layout.places

    def text(name: str) -> str:
        return cells[places[name]].strip() if name in places else ""

    service = plain_name(text("service_name"))
    if department := text("assigned_department"):
        found.departments.setdefault(service, Counter())[department] += 1
    found.groups.setdefault(service, Counter())[text("subject"), text("case_topic")] += 1
    if (stamp := _STAMP.search(text("closure_reason"))) is None:
        return
    try:
        closed = datetime.fromisoformat(text("close_date"))
        said = (
            datetime.fromisoformat(stamp[1]) if stamp[1] else datetime.strptime(f"{stamp[2]} {stamp[3]}", "%b %d %H:%M:%S %Y")  # noqa: DTZ007 - compared as written
        )
    except ValueError:
        return
    if closed.tzinfo is None:
        found.stamped += 1
        found.shifted += abs(said.replace(tzinfo=zone) - unshift(closed, zone)) <= timedelta(seconds=1) and said != closed


def _most_common(counts: Counter[T] | None, otherwise: T) -> T:
    """The most frequent; of equals the first in order, so that the order of rows does not matter."""
    return min(counts, key=lambda value: (-counts[value], value)) if counts else otherwise


class _Lines:
    """A text file's lines for the csv reader, each checked; remembers how the last one ended."""

    def __init__(self, file: IO[str]) -> None:
        self.file = file
        self.number = 0
        self.ended_with_newline = True

    def __iter__(self) -> Iterator[str]:
        while line := self._next():
            self.number += 1
            if "\0" in line:
                raise WrongFile(f"The file is not text: line {self.number} holds a NUL byte.")
            if len(line) >= LINE_LIMIT:
                raise WrongFile(f"Line {self.number} is longer than {LINE_LIMIT:,} characters: this is not a file of cases.")
            self.ended_with_newline = line.endswith(("\n", "\r"))
            yield line

    def _next(self) -> str:
        try:
            return self.file.readline(LINE_LIMIT)
        except UnicodeDecodeError as error:
            byte = error.object[error.start]
            raise WrongFile(f"The file is not in UTF-8: byte 0x{byte:02x} near line {self.number + 1}.") from None
        except EOFError:
            raise WrongFile(f"The compressed file is cut off after line {self.number}: it was not copied to its end.") from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise WrongFile(f"The compressed file is damaged after line {self.number} ({error}).") from None
        except OSError as error:
            raise WrongFile(f"The file cannot be read: {error.strerror or error}.") from None


@contextmanager
def _open_lines(path: Path) -> Iterator[_Lines]:
    if not path.exists():
        raise WrongFile(f"There is no file {path}.")
    if not path.is_file():
        raise WrongFile(f"{path} is not a file.")
    try:
        with open(path, "rb") as probe:
            start = probe.read(4)
    except OSError as error:
        raise WrongFile(f"The file cannot be read: {error.strerror or error}.") from None
    if not start:
        raise WrongFile("The file is empty.")
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise WrongFile("The file is in UTF-16; save it as UTF-8.")
    if start == b"PK\x03\x04":
        raise WrongFile("This is a zip archive or a spreadsheet, not a CSV file; save it as CSV, or unpack it.")
    opener = gzip.open if start[:2] == b"\x1f\x8b" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        yield _Lines(file)


def _records(lines: _Lines) -> Iterator[RawRow]:
    """The header, then the rows; lines that are blank altogether are no rows. Quoted cells may hold line breaks."""
    reader = csv.reader(lines, strict=True)
    begins = 1
    try:
        seen = False
        for cells in reader:
            if cells:
                yield RawRow(begins, cells)
                seen = True
            begins = reader.line_num + 1
        if not seen:
            raise WrongFile("The file is empty.")
    except csv.Error as error:
        what = (
            "a quotation mark is opened and never closed"
            if "unexpected end" in str(error) or "field limit" in str(error)
            else error
        )
        raise WrongFile(f"The file is not CSV: in the row that begins on line {begins}, {what}.") from None
