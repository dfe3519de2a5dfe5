"""Bytes into plain UTF-8 text: letters, line ends, and what is no letter at all."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import chardet

from kpi_engine.errors import ImportRejectedError
from kpi_engine.findings import Finding
from kpi_engine.job import check_cancelled
from kpi_engine.terms import Severity

_CHUNK = 1 << 20
_SAMPLE = 1 << 20
_SURE = 0.1
"""Confidence from which a guess about single-byte letters beats Western European."""
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_MANY_BYTES = ("cp932", "shift_jis", "euc-jp", "euc-kr", "cp949", "gb18030", "gb2312", "big5")
_WESTERN = "cp1252"
_MOSTLY = 5
"""So many good letters for each bad byte: then the text is UTF-8 that was damaged."""
_SHOWN, _NOTED = 5, 1000
_TEXT_CONTROLS = b"\t\n\r\f\v\x1a\x00"
_REPLACED = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """A file as plain UTF-8 text with line feeds.

    Attributes:
        path: The original where it already is such text, otherwise a copy.
        encoding: Of the original.
        decisions: How letters and line ends were read, where that needed deciding.
        findings: Bytes that are no letters.
    """

    path: Path
    encoding: str
    decisions: tuple[str, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True)
class _Bytes:
    """What a file's bytes are like: counts of bytes, over the whole file."""

    first: bytes
    nul: int
    line_feeds: int
    lone_returns: int


def decode(path: Path, name: str, *, scratch: Path, encoding: str = "") -> Decoded:
    """Plain text of a file that may be written in any encoding.

    Args:
        path: The file, unpacked.
        name: What its owner calls it.
        scratch: Folder for a copy, if one is needed.
        encoding: Read the letters so, whatever they look like.

    Raises:
        ImportRejectedError: It is not text, or not in the encoding that was named.
    """
    seen = _look(path)
    chosen, torn = (_known(encoding), 0) if encoding else _encoding(path, seen, name)
    is_wide = chosen.startswith(("utf-16", "utf-32"))
    has_nul = seen.nul > 0 and not is_wide
    returns_only = seen.lone_returns > 0 and seen.line_feeds == 0
    plain = chosen == "utf-8" and not has_nul and not returns_only
    decisions = [] if encoding or chosen == "utf-8" else [_said(path, chosen)]
    if plain and _is_valid(path):
        return Decoded(path=path, encoding=chosen, decisions=tuple(decisions), findings=())
    copy, replaced = _converted(path, chosen, scratch=scratch, returns_only=returns_only)
    if returns_only:
        decisions.append("Lines end in carriage returns alone.")
    return Decoded(
        path=copy,
        encoding=chosen,
        decisions=tuple(decisions),
        findings=tuple(_findings(replaced, chosen, seen.nul if has_nul else 0, torn)),
    )


def with_line_feeds(path: Path, *, scratch: Path, above: int) -> Path:
    """A copy of UTF-8 text in which every line ends in a line feed, also those inside a cell.

    Args:
        path: The text.
        scratch: Folder for the copy.
        above: So many lines of it hold no data; nothing but their number is kept.
    """
    copy = scratch / f"{path.name}.lines"
    scratch.mkdir(parents=True, exist_ok=True)
    with (
        path.open(encoding="utf-8", newline=None) as stream,
        copy.open("w", encoding="utf-8", newline="") as out,
    ):
        for _ in range(above):
            out.write("-\n" if stream.readline() else "")
        while text := stream.read(_CHUNK):
            check_cancelled()
            out.write(text)
    return copy


def _look(path: Path) -> _Bytes:
    first, nul, line_feeds, lone = b"", 0, 0, 0
    for number, chunk in enumerate(chunks_of(path)):
        first = chunk if number == 0 else first
        nul += chunk.count(b"\0")
        line_feeds += chunk.count(b"\n")
        lone += chunk.count(b"\r") - chunk.count(b"\r\n")
    return _Bytes(first=first, nul=nul, line_feeds=line_feeds, lone_returns=lone)


def chunks_of(path: Path) -> Iterator[bytes]:
    """The bytes of a file, a megabyte at a time."""
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            check_cancelled()
            yield chunk


def _known(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError as error:
        raise ImportRejectedError(
            f"There is no encoding called '{encoding}'.", hint="Try utf-8 or windows-1252."
        ) from error


def _encoding(path: Path, seen: _Bytes, name: str) -> tuple[str, int]:
    """The encoding, and how many letters in it look as if they were UTF-8 all the same."""
    first = seen.first
    for mark, encoding in _MARKS.items():
        if first.startswith(mark):
            return encoding, 0
    if wide := _wide(first):
        return wide, 0
    controls = sum(byte < 32 and byte not in _TEXT_CONTROLS for byte in first[:8192])
    if controls > len(first[:8192]) * 0.02 or first.count(b"\0") > len(first) * 0.1:
        raise ImportRejectedError(
            f"{name} is not a text file.", hint="Export it as CSV or as a spreadsheet."
        )
    bad, good = _utf8_letters(path)
    if bad == 0 or good > _MOSTLY * bad:
        return "utf-8", 0
    guessed = _guess(path)
    return guessed, 0 if guessed in (*_MANY_BYTES, "utf-8") else good


def _wide(first: bytes) -> str:
    """UTF-16 without its mark: every other byte of plain letters is empty."""
    sample = first[: 4096 & ~1]
    if len(sample) < 8:
        return ""
    even, odd = sample[0::2].count(b"\0"), sample[1::2].count(b"\0")
    half = len(sample) / 2
    if odd > 0.6 * half and even < 0.1 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.6 * half and odd < 0.1 * half else ""


def _utf8_letters(path: Path) -> tuple[int, int]:
    """Bytes that are no UTF-8, and letters beyond ASCII that are."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    bad = good = 0
    for chunk in chunks_of(path):
        text = decoder.decode(chunk)
        if text.isascii():
            continue
        replaced = text.count(_REPLACED) - chunk.count(_REPLACED.encode())
        bad += replaced
        good += sum(letter > "\x7f" for letter in text) - replaced
    bad += decoder.decode(b"", final=True).count(_REPLACED)
    return bad, good


def _guess(path: Path) -> str:
    with path.open("rb") as stream:
        found = chardet.detect(stream.read(_SAMPLE))
    encoding = str(found["encoding"] or "").lower()
    is_sure = float(found["confidence"] or 0) >= _SURE or encoding in _MANY_BYTES
    return encoding if encoding and is_sure and encoding != "ascii" else _WESTERN


def _is_valid(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in chunks_of(path):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _said(path: Path, encoding: str) -> str:
    """The encoding, with a word of the file in which one can see whether it is right."""
    shown = {"utf-8-sig": "UTF-8 with a mark", "cp1252": "Windows-1252"}.get(encoding, encoding)
    with path.open("rb") as stream:
        text = stream.read(_SAMPLE).decode(encoding, errors="ignore")
    word = re.search(r"[^\W\d_]*[^\x00-\x7f\W\d_][^\W\d_]*", text)
    example = f", for example {word[0][:40]}" if word else ""
    return f"Letters are read as {shown}{example}."


def _converted(
    path: Path, encoding: str, *, scratch: Path, returns_only: bool
) -> tuple[Path, list[int]]:
    """A UTF-8 copy without NUL, and the lines on which bytes were replaced, the first 1,000."""
    scratch.mkdir(parents=True, exist_ok=True)
    copy = scratch / f"{path.name}.utf8"
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    replaced: list[int] = []
    line = 1
    with copy.open("w", encoding="utf-8", newline="") as out:
        for chunk in chain(chunks_of(path), [b""]):
            text = decoder.decode(chunk, final=not chunk).replace("\0", "")
            if returns_only:
                text = text.replace("\r", "\n")
            bad = islice(re.finditer(_REPLACED, text), _NOTED - len(replaced))
            replaced += [line + text.count("\n", 0, found.start()) for found in bad]
            line += text.count("\n")
            out.write(text)
    return copy, replaced


def _findings(replaced: list[int], encoding: str, nul: int, torn: int) -> Iterator[Finding]:
    """Bytes that are no letters: what stands in their place, and where."""
    if replaced:
        lines = list(dict.fromkeys(replaced))
        yield Finding(
            severity=Severity.WARNING,
            place=f"lines {_listed(lines)}" if len(lines) > 1 else "",
            sentence=f"Some bytes are no letters in {encoding}; {_REPLACED} stands for each.",
            next_step="Name the right encoding, or export the file as UTF-8.",
            line=lines[0],
        )
    if torn:
        yield Finding(
            severity=Severity.WARNING,
            place="whole file",
            sentence=f"Some letters are written in UTF-8 and others in {encoding}; all are read as "
            f"{encoding}.",
            next_step="Look for odd letters such as Ã¶, and export the file as UTF-8.",
        )
    if nul:
        yield Finding(
            severity=Severity.WARNING,
            place="whole file",
            sentence=f"Empty bytes (NUL) were left out, {nul} in all.",
            next_step="Compare a few rows with the source before saving.",
        )


def _listed(lines: list[int]) -> str:
    shown = ", ".join(map(str, lines[:_SHOWN]))
    return f"{shown} and more" if len(lines) > _SHOWN else shown
