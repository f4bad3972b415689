"""In which language this request is answered, and every sentence in it. English is written in the code; the catalogues,
one PO file for each other language in translations/, have the rest. `make words` gathers what is to be translated.

    t("Case {number}", number=case.number)                     a sentence
    tn("{n} case", "{n} cases", count)                         with a number, which is {n}
    tc("of a job", "Close")                                    one that means something else elsewhere
    mark("Received")                                           is said later, by t(words)

Without a request, and on the office's pages, the language is English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from flask import Response, has_request_context, request
from markupsafe import Markup, escape

TRANSLATIONS = Path(__file__).parent / "translations"


@dataclass(frozen=True, slots=True)
class Language:
    """`code` is its BCP 47 tag and the name of its file; `name` what its speakers call it; `cldr` what Babel calls it.

    `plurals`: the forms a sentence with a number has, by CLDR's names, in the order in which they stand in the file.
    """

    code: str
    name: str
    cldr: str
    plurals: tuple[str, ...] = ("other",)
    is_from_right: bool = False
    is_named_here: bool = False  # its days and months: CLDR has French ones

    @property
    def direction(self) -> str:
        return "rtl" if self.is_from_right else "ltr"


LANGUAGES = {
    language.code: language
    for language in (
        Language("en", "English", "en", ("one", "other")),
        Language("es", "Español", "es", ("one", "other")),
        Language("ht", "Kreyòl ayisyen", "ht", is_named_here=True),
        Language("kea", "Kabuverdianu", "kea"),
        Language("vi", "Tiếng Việt", "vi"),
        Language("zh-Hant", "繁體中文", "zh_Hant"),
        Language("zh-Hans", "简体中文", "zh_Hans"),
        Language("pt", "Português", "pt", ("one", "other")),
        Language("ar", "العربية", "ar", ("zero", "one", "two", "few", "many", "other"), is_from_right=True),
    )
}
ENGLISH = LANGUAGES["en"]
COOKIE, ARGUMENT = "language", "language"
_spoken: ContextVar[Language | None] = ContextVar("spoken", default=None)
KNOWN = "crew311.language"  # where a request keeps what was found out
A_YEAR_S = 365 * 24 * 3600
# The office's pages, and what programs read.
ALWAYS_ENGLISH = re.compile(r"/(console|open311|feeds|sync|metrics)\b|/(data|dashboard|sign-in)/.")

# How a day is said: by which skeleton or format of CLDR; and how English says it here, the day before the month.
FORMS = {
    "weekday": ("EEEE", "EEEE"),
    "day": ("MMMMd", "d MMMM"),
    "long": ("long", "d MMMM y"),
    "full": ("full", "EEEE, MMMM d, y"),
    "short": ("yMMMEd", "EEE d MMM y"),
}
PLACE = re.compile(r"\{(\w+)\}")


def language_for(tag: str) -> Language | None:
    """What we have of what a browser asks for: "es-US" is Spanish, "zh-TW" is written in traditional signs."""
    parts = tag.replace("_", "-").lower().split("-")
    if parts[0] == "zh":
        is_traditional = "hant" in parts or ("hans" not in parts and {"tw", "hk", "mo"} & set(parts[1:]))
        return LANGUAGES["zh-Hant" if is_traditional else "zh-Hans"]
    return LANGUAGES.get(parts[0])


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """In this language, whoever asks: for a letter, which is written without a request."""
    kept = _spoken.set(LANGUAGES.get(code, ENGLISH))
    try:
        yield
    finally:
        _spoken.reset(kept)


def language() -> Language:
    """Of this request: what its address says, else what was chosen before, else what the browser asks for."""
    if (spoken := _spoken.get()) is not None:
        return spoken
    if not has_request_context() or ALWAYS_ENGLISH.match(request.path):
        return ENGLISH
    found: Language | None = request.environ.get(KNOWN)
    if found is None:
        asked = [request.args.get(ARGUMENT, ""), request.cookies.get(COOKIE, "")]
        known = (LANGUAGES.get(code) for code in asked)
        wished = (language_for(tag) for tag, _ in request.accept_languages)
        found = request.environ[KNOWN] = next((one for some in (known, wished) for one in some if one), ENGLISH)
    return found


def keep_language(response: Response) -> Response:
    """A language that was chosen is kept; whoever stores pages for others is told that they differ."""
    if not (response.mimetype or "").startswith(("text/html", "application/json")) or ALWAYS_ENGLISH.match(request.path):
        return response
    response.vary.update(("Accept-Language", "Cookie"))
    response.headers["Content-Language"] = language().code
    if request.args.get(ARGUMENT) in LANGUAGES:
        response.set_cookie(COOKIE, language().code, max_age=A_YEAR_S, samesite="Lax", secure=request.is_secure)
        response.headers["Cache-Control"] = "no-store"
    return response


# ---- sentences -----------------------------------------------------------------------------------------------------------


def t(words: str, /, **values: Any) -> str:
    """The sentence in the reader's language, its {places} filled. Markup as a value makes Markup of the whole."""
    return _fill(_forms(words)[0], values)


def tc(context: str, words: str, /, **values: Any) -> str:
    """The same, of words that mean something else elsewhere; `context` says what they are about."""
    return _fill(_forms(words, context)[0], values)


def tn(one: str, many: str, n: float, /, **values: Any) -> str:
    """The form for this number; {n} is the number as the language writes it."""
    forms = _forms(one)
    if forms == (one,):
        form = one if n == 1 else many
    else:
        category = _locale(language().cldr).plural_form(n)
        plurals = language().plurals
        form = forms[plurals.index(category) if category in plurals else -1]
    return _fill(form, {"n": number_words(n)} | values)


def said(words: str) -> str:
    """Words that were made elsewhere, in the reader's language if somebody marked them. No {place} is filled."""
    return _forms(words)[0]


def mark(words: str) -> str:
    """Words that t() or said() says later."""
    return words


# For the languages whose names CLDR, or a browser, does not have.
WEEKDAYS = mark("Sunday, Monday, Tuesday, Wednesday, Thursday, Friday, Saturday")
MONTHS = mark("January, February, March, April, May, June, July, August, September, October, November, December")


def _fill(words: str, values: Mapping[str, Any]) -> str:
    if language().is_from_right:  # a number, or an address of Main St, keeps its own direction
        values = {name: value if isinstance(value, Markup) else f"\u2068{value}\u2069" for name, value in values.items()}
    if any(isinstance(value, Markup) for value in values.values()):
        return Markup(PLACE.sub(lambda place: str(escape(values[place[1]])), str(escape(words))))  # noqa: S704 - each part is escaped
    return PLACE.sub(lambda place: str(values[place[1]]), words)


def _forms(words: str, context: str = "") -> tuple[str, ...]:
    found = _messages(language().code).get((context, words))
    return found.forms if found else (words,)


@dataclass(frozen=True, slots=True)
class _Message:
    forms: tuple[str, ...]
    files: frozenset[str]  # where it is said


@cache
def _messages(code: str) -> Mapping[tuple[str, str], _Message]:
    """(context, English) -> what is translated. Nothing of English."""
    if code == ENGLISH.code:
        return {}
    with open(TRANSLATIONS / f"{code}.po", "rb") as file:
        catalogue = read_po(file, locale=LANGUAGES[code].cldr)
    found = {}
    for message in catalogue:
        english = message.id if isinstance(message.id, str) else message.id[0]
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        if english and forms and all(forms):
            found[message.context or "", english] = _Message(forms, frozenset(name for name, _ in message.locations))
    return found


@cache
def words_for_scripts(code: str, folders: tuple[str, ...]) -> Mapping[str, Any]:
    """What TypeScript below these folders says, as pwa/src/design/translate.ts reads it."""
    words = {
        f"{context}\x04{english}" if context else english: message.forms if len(message.forms) > 1 else message.forms[0]
        for (context, english), message in _messages(code).items()
        if any(name.startswith(folders) for name in message.files)
    }
    return {"language": code, "plurals": LANGUAGES[code].plurals, "words": words}


# ---- numbers and days ----------------------------------------------------------------------------------------------------


@cache
def _locale(cldr: str) -> Locale:
    return Locale.parse(cldr)


def number_words(number: float, pattern: str | None = None) -> str:
    """ "1,234", in the digits and with the marks of the language."""
    return format_decimal(number, format=pattern, locale=_locale(language().cldr))


def share_of(part: float, whole: float) -> str:
    """A share in whole per cent, e.g. "82 %"."""
    ours = language()
    return format_percent(part / whole, format="0 %" if ours is ENGLISH else None, locale=_locale(ours.cldr))


def day_words(day: date, form: str) -> str:
    """A day by one of FORMS; its names, their order and what stands between are the language's."""
    ours = language()
    locale = _locale(ours.cldr)
    skeleton, english = FORMS[form]
    if ours is ENGLISH:
        return format_date(day, english, locale=locale)
    if ours.is_named_here:
        weekday = t(WEEKDAYS).split(", ")[day.isoweekday() % 7]
        month = t(MONTHS).split(", ")[day.month - 1]
        day_and_month = f"{day.day} {month}"
        said = {"weekday": weekday, "day": day_and_month, "long": f"{day_and_month} {day.year}"}
        return said.get(form, f"{weekday} {day_and_month} {day.year}")
    return format_date(day, locale.datetime_skeletons.get(skeleton, skeleton), locale=locale)
