"""Bad input, made here: words, numbers, moments, bodies that programs stumble over. Each list begins with what was found to matter."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Iterator

WORDS: tuple[str, ...] = (
    "", " ", "\t", "\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\xa0", "\u2028", "\u2029", "\u3000", "\ufeff", "\u200b", "\u200e", "\u202e",
    "a\x00b", "\x00", "\ud800", "a\udfffb", "\ud83d\ude00", "\x01\x02\x03", "\x7f", "\x80\x9f", "\ufffe", "\uffff", "\U0001fffe", "\U0010ffff",
    "null", "NULL", "None", "nil", "undefined", "true", "false", "NaN", "Infinity", "-Infinity", "0", "-0", "00", "1e400", "0x10", "0b1", "1_000",
    "1,5", "1.5.2", "½", "٣", "１２", "²", "Ⅻ", "--", "-", "+", ".", "..", "...", "/", "\\", "//", "../", "..\\", "../../../../etc/passwd",
    "%2e%2e%2f", "%00", "%c0%ae", "%", "%%", "%s%s%s%n", "{0}", "{}", "{{7*7}}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{% raw %}", "${jndi:ldap://x/a}",
    "'", "''", '"', "`", "'--", "' OR '1'='1", "1; DROP TABLE cases--", "') UNION SELECT 1,2,3--", "\\'; --", "1 AND SLEEP(5)", "'; SELECT pg_sleep(5)--",
    "*", "%_%", "_", "a%b_c\\d", "%" * 400, "NEAR(", "AND OR NOT", '"unclosed', "col:val", "a* b*", "^a", "(((", ")))", "a AND", "{a b}: c",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "&lt;", "&amp;amp;", "&#0;", "&#xD800;", "]]>", "<!--", "<![CDATA[", "<?xml?>",
    "=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "=HYPERLINK(\"http://x\")", ";", ",", '","', "a\"b", "a;b,c\nd",
    "é", "e\u0301", "ﬁ", "ß", "ẞ", "İ", "ı", "K", "Å", "ﷺ", "בְּרֵאשִׁית", "العربية", "中文字", "日本語テキスト", "한국어", "ไทย", "हिन्दी", "Ελληνικά", "Русский",
    "👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇺🇸", "❤️", "Z̷͔̎a̵l̶g̸o̷" + "\u0335" * 200, "a\u0300" * 100, "\u202eevil\u202c", "ʇxǝʇ", "ｆｕｌｌ", "𝕿𝖍𝖊", "﹤script﹥",
    "a" * 100, "a" * 254, "a" * 300, "a" * 301, "a" * 4000, "a" * 4001, "\U0001f600" * 1000, "a b " * 900, "\n" * 3000, "-" * 2000,
    "CON", "PRN", "aux.txt", ".htaccess", "-rf", "--help", "$(id)", "`id`", "|id", ";id", "&&id", "> /tmp/x", "\n/bin/sh", "$HOME", "%HOME%", "~root",
    "http://127.0.0.1/", "file:///etc/passwd", "//evil.example", "\\\\evil\\share", "data:text/html,x", "mailto:a@b", "a@b@c", "a@b", "@", "a@", "\"a b\"@c.d",
    "26-000001", "26-000001 ", "26-0000010", "0026-000001", "26−000001", "26-", "999999999999999999999", "-2147483649", "2147483648", "9223372036854775808",
    "__proto__", "constructor", "hasOwnProperty", "toString", "__class__", "self", "id", "type", "length", "\\u0000", "\\x41", "\\n", "\\", "\\\\\\",
    "Lorem ipsum dolor sit amet", "O'Brien", "D’Arcy", "Jean-Luc", "van der Berg", "X Æ A-12", "Null", "Test", "Scunthorpe", "5 Main St #2", "Ave. & 3rd",
)  # fmt: skip

NUMBERS: tuple[str, ...] = (
    "0", "-0", "1", "-1", "0.0", "1e308", "1e309", "-1e309", "5e-324", "NaN", "nan", "inf", "-inf", "Infinity", "90", "90.0000001", "-90", "-90.0000001",
    "180", "180.0000001", "-180", "-180.0000001", "360", "42.35", "-71.1", "42,35", "42°21'", "4.235e1", "0x2a", "2147483647", "2147483648", "-2147483648",
    "9007199254740993", "9223372036854775807", "9223372036854775808", "1" * 400, "0." + "1" * 400, "1e-400", " 1", "1 ", "+1", "1.", ".5", "1__0", "１", "٣", "",
    "true", "null", "[]", "{}", "1/2", "1;2", "--1", "1e", "e1", "½", "∞",
)  # fmt: skip

MOMENTS: tuple[str, ...] = (
    "2026-02-29T00:00:00Z", "2024-02-29T00:00:00Z", "2000-02-29", "1900-02-29", "2026-02-30", "2026-13-01", "2026-00-10", "2026-01-00", "2026-01-32", "0000-01-01",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "10000-01-01", "-0001-01-01", "1969-12-31T23:59:59Z", "2038-01-19T03:14:08Z", "2026-03-08T02:30:00", "2026-11-01T01:30:00",
    "2026-03-08T02:30:00-05:00", "2026-11-01T01:30:00-04:00", "2026-01-01T24:00:00Z", "2026-01-01T23:59:60Z", "2026-01-01T25:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z",
    "2026-01-01T00:00:00+14:00", "2026-01-01T00:00:00-14:00", "2026-01-01T00:00:00+15:00", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00-00:00", "2026-01-01T00:00:00+0530",
    "2026-01-01T00:00:00.123456789Z", "2026-01-01 00:00:00", "2026-01-01T00:00Z", "20260101T000000Z", "2026-W01-1", "2026-001", "2026-1-1", "01/02/2026", "1767225600", "now", "today",
    "", "T", "Z", "0", "-1", "2026", "2026-01", "２０２６-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-01T00:00:00Z; DROP TABLE cases",
)  # fmt: skip

BODIES: tuple[bytes, ...] = (
    b"", b" ", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf{}", "{}".encode("utf-16"), b"null", b"true", b"0", b'""', b"[]", b"{}", b"[", b"{", b"}", b'{"', b'{"a"', b'{"a":', b'{"a":1',
    b'{"a":1,}', b"[1,]", b"{'a':1}", b"{a:1}", b'{"a":01}', b'{"a":+1}', b'{"a":.5}', b'{"a":1.}', b'{"a":1e}', b'{"a":NaN}', b'{"a":Infinity}', b'{"a":-}', b'{"a":1e999}',
    b'{"a":' + b"9" * 5000 + b"}", b'{"a":"\x01"}', b'{"a":"\\x"}', b'{"a":"\\ud800"}', b'{"a":"\\u00"}', b'{"a":"\xc3"}', b'{"a":"\xed\xa0\x80"}', b'{"a":1,"a":2}', b'{"":1}',
    b"[" * 100_000, b'{"a":' * 50_000, b"[" * 500 + b"]" * 500, b"//x\n{}", b"/*x*/{}", b"{}{}", b"{} x", b"<xml/>", b"a=1&b=2", b"--x\r\n\r\n--x--", b"\x1f\x8b\x08\x00", b"GIF89a", b"%PDF",
)  # fmt: skip


def words(chance: random.Random) -> Iterator[str]:
    """The list, then for ever: pieces of it put together, and characters of all planes."""
    yield from WORDS
    while True:
        how = chance.randrange(4)
        if how == 0:
            yield "".join(chance.choice(WORDS)[:200] for _ in range(chance.randrange(1, 4)))
        elif how == 1:
            yield "".join(
                chr(chance.choice((chance.randrange(0x20), chance.randrange(0x250), chance.randrange(0x10FFFF))))
                for _ in range(chance.randrange(1, 60))
            )
        elif how == 2:
            base = list(chance.choice(WORDS)[:300] or "x")
            for _ in range(chance.randrange(1, 4)):
                base.insert(
                    chance.randrange(len(base) + 1),
                    chance.choice(("\x00", "'", '"', "\ud800", "\u202e", "<", "%", "\\", "\r\n", "\U0001f600")),
                )
            yield "".join(base)
        else:
            yield "".join(chance.choice(string.printable) for _ in range(chance.randrange(1, 400)))


def bodies(chance: random.Random, good: bytes) -> Iterator[bytes]:
    """The list, then for ever: a good body with bytes changed, cut, doubled."""
    yield from BODIES
    while True:
        broken = bytearray(good)
        how = chance.randrange(5)
        at = chance.randrange(len(broken))
        if how == 0:
            del broken[at:]
        elif how == 1:
            for _ in range(chance.randrange(1, 6)):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
        elif how == 2:
            broken[at:at] = chance.choice(BODIES)[:200]
        elif how == 3:
            del broken[at : at + chance.randrange(1, 30)]
        else:
            broken[at:at] = broken[at : at + chance.randrange(1, 200)]
        yield bytes(broken)


def values(chance: random.Random) -> Iterator[object]:
    """What a field of a JSON body may hold instead of what it should."""
    plain: tuple[object, ...] = (
        None, True, False, 0, -1, 1.5, -0.0, 1e308, 2**31, 2**31 - 1, -(2**31) - 1, 2**53 + 1, 2**63, 2**70, 10**400, "", [], {}, [[]], [None], {"a": {}}, {"": ""}, ["a"] * 300, {"$gt": ""},
        {"__proto__": {}}, "0", "true", "null",
    )  # fmt: skip
    yield from plain
    made = words(chance)
    while True:
        pick = chance.randrange(4)
        if pick == 0:
            yield chance.choice(plain)
        elif pick == 1:
            yield chance.choice(MOMENTS)
        elif pick == 2:
            yield chance.choice((chance.uniform(-1e3, 1e3), chance.randrange(-(2**40), 2**40)))
        else:
            yield next(made)


def as_json(body: object) -> bytes:
    """Half characters and all; what Python's own numbers cannot say in JSON is left to BODIES."""
    return json.dumps(body).encode()
