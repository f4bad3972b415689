"""Gather every sentence that residents and crews read into the catalogues: `make words`.

New ones stand in each file with nothing beside them, waiting for a translation; those that are no longer said are gone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from babel.messages import Catalog, Message  # noqa: E402
from babel.messages.extract import extract  # noqa: E402
from babel.messages.pofile import read_po, write_po  # noqa: E402

from crew_app.languages import ENGLISH, LANGUAGES, TRANSLATIONS, Language  # noqa: E402

KEYWORDS: Any = {"t": None, "tn": (1, 2), "tc": ((1, "c"), 2), "mark": None}
TEMPLATES = ROOT / "crew_app" / "templates"
# What residents are shown. The office's pages (console/) are in English.
RESIDENT_TEMPLATES = sorted(path for path in TEMPLATES.rglob("*.html") if "console" not in path.parts)
PYTHON = sorted(path for path in (ROOT / "crew_app").rglob("*.py") if "migrations" not in path.parts)
SCRIPT = sorted(path for path in (ROOT / "pwa" / "src").rglob("*.ts*"))
COMMENT = """\
# {name}: what residents and crews read. The sentences come from the code (`make words`); the translations are written here.
# NOT REVIEWED: no native speaker has checked this file yet. Whoever does, please put your name here in place of this line."""


def sentences() -> Catalog:
    """Everything that is said, in the order of the files, with where it is said."""
    catalogue = Catalog()
    for path, method, options in _sources():
        with open(path, "rb") as file:
            for _line, words, comments, context in extract(method, file, KEYWORDS, options=options):
                place = [(path.relative_to(ROOT).as_posix(), None)]
                catalogue.add(words, locations=place, auto_comments=comments, context=context)  # type: ignore[arg-type]
    return catalogue


def _sources() -> Iterator[tuple[Path, str, dict[str, Any]]]:
    yield from ((path, "jinja2.ext:babel_extract", {}) for path in RESIDENT_TEMPLATES)
    yield from ((path, "python", {}) for path in PYTHON)
    yield from ((path, "javascript", {"jsx": path.suffix == ".tsx"}) for path in SCRIPT)


def brought_up_to_date(said: Catalog, kept: Catalog | None, language: Language) -> Catalog:
    """The catalogue of a language: what is said now, with what was translated before."""
    catalogue = Catalog(locale=language.cldr, header_comment=COMMENT.format(name=language.name), charset="utf-8")
    catalogue.mime_headers = [("Plural-Forms", plural_rule(language))]
    for message in said:
        if not message.id:
            continue
        before = kept.get(_first(message.id), message.context) if kept else None
        new: Message = catalogue.add(message.id, locations=message.locations, context=message.context)
        if message.pluralizable:
            forms = before.string if before and isinstance(before.string, tuple | list) else ()
            new.string = tuple((*forms, *("",) * len(language.plurals))[: len(language.plurals)])
        else:
            new.string = before.string if before and isinstance(before.string, str) else ""
    return catalogue


def is_whole(message: Message) -> bool:
    """Is every form of it translated?"""
    return bool(message.string) and all([message.string] if isinstance(message.string, str) else message.string)


def _first(words: Any) -> str:
    return words if isinstance(words, str) else str(words[0])


def path_of(language: Language) -> Path:
    return TRANSLATIONS / f"{language.code}.po"


def read(language: Language) -> Catalog | None:
    path = path_of(language)
    if not path.exists():
        return None
    with open(path, "rb") as file:
        return read_po(file, locale=language.cldr)


def write(catalogue: Catalog, language: Language) -> bytes:
    """As PO; of the head only what says something. The plurals are CLDR's, named in their order."""
    written = BytesIO()
    write_po(written, catalogue, width=None, omit_header=True, sort_by_file=False, include_lineno=False)  # type: ignore[arg-type]
    head = (
        f'{COMMENT.format(name=language.name)}\nmsgid ""\nmsgstr ""\n"Language: {language.code}\\n"\n'
        f'"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {plural_rule(language)}\\n"\n'
        f'"X-Name: {language.name}\\n"\n"X-Direction: {language.direction}\\n"\n'
        f'"X-Plurals: {" ".join(language.plurals)}\\n"\n\n'
    )
    return head.encode() + written.getvalue()


def plural_rule(language: Language) -> str:
    """For gettext's own tools, which do not know CLDR's names."""
    rules = {
        1: "nplurals=1; plural=0;",
        2: "nplurals=2; plural=(n != 1);",
        6: "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5);",
    }
    return rules[len(language.plurals)]


def main() -> None:
    said = sentences()
    for language in LANGUAGES.values():
        if language is ENGLISH:
            continue
        catalogue = brought_up_to_date(said, read(language), language)
        path_of(language).write_bytes(write(catalogue, language))
        missing = sum(not is_whole(message) for message in catalogue if message.id)
        print(f"{path_of(language).relative_to(ROOT)}: {len(said)} sentences, {missing} to translate")


if __name__ == "__main__":
    main()
