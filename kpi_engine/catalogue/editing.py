"""One entry of a definition file put in, changed or added; all that surrounds it stays as it is.

Only the lines of the entry are written anew, with the comments that stand within them; no other
byte of the file is touched. What was written is read back, and has to say just what was meant.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from io import StringIO
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from kpi_engine.catalogue.files import parsed
from kpi_engine.errors import DefinitionError

_BOM = b"\xef\xbb\xbf"


def with_entry(
    raw: bytes, file: str, *, section: str, key: str, content: Mapping[str, Any]
) -> bytes:
    """A definition file in which one entry stands as ``content``.

    Args:
        raw: The file as it is; empty where there is none yet.
        file: Its name, for the reader.
        section: Top-level key of the list: ``links``.
        key: The ``id`` of the entry; where none has it, the entry is added at the end.
        content: All its fields: text, numbers, days, lists and sets of fields.

    Raises:
        DefinitionError: The file is written in a way that cannot be changed here.
    """
    text = raw.removeprefix(_BOM).decode("utf-8")
    ends = "\r\n" if "\r\n" in text else "\n"
    lines = text.replace("\r\n", "\n").split("\n")
    try:
        found = _Section.of(parsed(text), section)
        before = found.place(key)
        if before is None:
            _add(lines, found, section, content)
        else:
            _replace(lines, found.nodes[before], found.entries[before], content)
        edited = "\n".join(lines)
        _require_meant(edited, section, [*found.with_entry(before, content)], parsed(text)[1])
    except (YAMLError, yaml.YAMLError, _UneditableError) as error:
        raise DefinitionError(
            f"{file} is written in a way that cannot be changed here.",
            hint=f"Change {key} in the file itself.",
        ) from error
    mark = _BOM if raw.startswith(_BOM) else b""
    return mark + edited.replace("\n", ends).encode()


class _Numbers(RoundTripRepresenter):
    """New numbers as every reader takes them for numbers: 1.0e+22, not 1e+22."""

    def represent_float(self, data: float) -> Any:
        """As the reader of definitions writes them."""
        written = str(yaml.safe_dump(data)).split()[0]
        return self.represent_scalar("tag:yaml.org,2002:float", written)


_Numbers.add_representer(float, _Numbers.represent_float)


class _UneditableError(Exception):
    """References, lists on one line and other things that lines cannot be exchanged in."""


class _Section:
    """One list of a file: its nodes in the text, and what they say."""

    def __init__(self, node: yaml.Node | None, entries: list[dict[str, Any]]) -> None:
        self.node = node
        self.nodes: list[yaml.Node] = list(node.value) if node is not None else []
        self.entries = entries

    @classmethod
    def of(cls, document: tuple[yaml.Node | None, object], section: str) -> "_Section":
        root, content = document
        if root is None or not isinstance(content, dict) or section not in content:
            return cls(None, [])
        node = next(value for name, value in root.value if name.value == section)
        if not isinstance(node, yaml.SequenceNode):
            raise _UneditableError
        if node.flow_style:
            raise _UneditableError
        return cls(node, list(content[section]))

    def place(self, key: str) -> int | None:
        """Where the entry of that id stands in the list."""
        names = [entry.get("id") if isinstance(entry, dict) else None for entry in self.entries]
        return names.index(key) if key in names else None

    def with_entry(self, place: int | None, content: Mapping[str, Any]) -> list[object]:
        """What the list has to say once it is written."""
        entries: list[object] = list(self.entries)
        if place is None:
            return [*entries, plain(content)]
        entries[place] = plain(content)
        return entries


def _replace(
    lines: list[str], node: yaml.Node, said: Mapping[str, Any], content: Mapping[str, Any]
) -> None:
    first, last = node.start_mark.line, _last_line(node)
    dash = lines[first].find("-")
    if lines[first][: node.start_mark.column].strip() != "-":
        raise _UneditableError
    own = [lines[first][dash:], *(_cut(line, dash) for line in lines[first + 1 : last + 1])]
    form = _Form.of(node, dash)
    (entry,) = form.reader().load("".join(f"{' ' * form.lists}{line}\n" for line in own))
    _update(entry, said, content)
    lines[first : last + 1] = form.lines(entry)


def _add(lines: list[str], found: _Section, section: str, content: Mapping[str, Any]) -> None:
    """At the end of the list, a line apart where the others are; without a list, one of its own."""
    entry = CommentedMap((name, _styled(value)) for name, value in content.items())
    if not found.nodes:
        while lines and not lines[-1].strip():
            lines.pop()
        head = ["", f"{section}:"] if lines else [f"{section}:"]
        lines += [*head, *_Form().lines(entry), ""]
        return
    start = found.nodes[-1].start_mark
    dash = lines[start.line].find("-")
    after = _last_line(found.nodes[-1]) + 1
    between = lines[_last_line(found.nodes[-2]) + 1 : start.line] if found.nodes[1:] else [""]
    apart = [] if all(line.strip() for line in between) else [""]
    lines[after:after] = [*apart, *_Form(dash=dash).lines(entry)]
    if lines[-1].strip():
        lines.append("")


@dataclass(frozen=True, kw_only=True)
class _Form:
    """How far things stand in, in columns.

    Attributes:
        dash: The dashes of the list.
        listed: From a dash to what it lists.
        fields: Fields within a field.
        lists: Dashes of a list within a field.
    """

    dash: int = 2
    listed: int = 2
    fields: int = 2
    lists: int = 2

    @classmethod
    def of(cls, node: yaml.Node, dash: int) -> "_Form":
        """As an entry has it."""
        form = cls(dash=dash, listed=node.start_mark.column - dash)
        for name, value in node.value if isinstance(node, yaml.MappingNode) else ():
            inwards = value.start_mark.column - name.start_mark.column
            if isinstance(value, yaml.SequenceNode) and not value.flow_style:
                form = replace(form, lists=inwards)
            elif isinstance(value, yaml.MappingNode) and not value.flow_style and inwards > 0:
                form = replace(form, fields=inwards)
        return form

    def reader(self) -> YAML:
        """What reads entries and writes them in this form."""
        made = YAML()
        made.Representer = _Numbers
        made.preserve_quotes = True
        made.width = 100_000
        made.indent(mapping=self.fields, sequence=self.listed + self.lists, offset=self.lists)
        return made

    def lines(self, entry: CommentedMap) -> list[str]:
        """An entry as it stands in the list."""
        into = StringIO()
        self.reader().dump(CommentedSeq([entry]), into)
        written = (_cut(line, self.lists) for line in into.getvalue().rstrip("\n").split("\n"))
        return [" " * self.dash + line if line else "" for line in written]


def _update(into: CommentedMap, said: Mapping[str, Any], content: Mapping[str, Any]) -> None:
    """Change only fields that say something else, so that the rest keeps its form."""
    for name in [name for name in into if name not in content]:
        _remove(into, name)
    for name, value in content.items():
        before = said.get(name)
        if name in said and plain(value) == before:
            continue
        if isinstance(value, Mapping) and isinstance(before, dict) and value:
            _update(into[name], before, value)
        else:
            into[name] = _styled(value)


def _remove(into: CommentedMap, name: str) -> None:
    """Take out a field; comments that follow its line are about the next one and stay."""
    names = list(into)
    place = names.index(name)
    tokens = into.ca.items.get(name)
    token = next((one for one in tokens or () if hasattr(one, "value")), None)
    _, _, below = (token.value if token else "").partition("\n")
    del into[name]
    if below.strip() and place:
        before = into.ca.items.setdefault(names[place - 1], [None, None, None, None])
        if before[2] is None and token is not None:
            token.value = "\n" + below
            before[2] = token
        elif before[2] is not None:
            before[2].value = before[2].value.rstrip("\n") + "\n" + below
    elif below.strip():
        raise _UneditableError


def _styled(value: Any) -> Any:
    """A new value as our files have it: small things on one line, texts that stay texts."""
    if isinstance(value, Mapping):
        fields = CommentedMap((name, _styled(one)) for name, one in value.items())
        fields.fa.set_flow_style()
        return fields
    if isinstance(value, list | tuple):
        items = CommentedSeq(_styled(one) for one in value)
        items.fa.set_flow_style()
        return items
    if isinstance(value, str) and not _reads_as_text(value):
        return DoubleQuotedScalarString(value)
    return value


def _reads_as_text(value: str) -> bool:
    """Whether a text without quotes would be read back as that text: "no" and "1e3" would not."""
    try:
        return bool(parsed(value)[1] == value)
    except yaml.YAMLError:
        return False


def plain(value: Any) -> Any:
    """A value as it is read: days are text."""
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def _require_meant(text: str, section: str, meant: list[object], before: object) -> None:
    content = parsed(text)[1]
    rest = before if isinstance(before, dict) else {}
    if content != {**rest, section: meant}:
        raise _UneditableError


def _last_line(node: yaml.Node) -> int:
    """The last line on which something of a node stands; a node's own end is past its comments."""
    leaves = [node]
    last: int = node.start_mark.line
    while leaves:
        one = leaves.pop()
        if isinstance(one, yaml.MappingNode):
            leaves += [part for pair in one.value for part in pair]
        elif isinstance(one, yaml.SequenceNode):
            leaves += one.value
        if isinstance(one, yaml.ScalarNode) or one.flow_style:
            end = one.end_mark
            last = max(last, end.line if end.column else end.line - 1)
    return last


def _cut(line: str, columns: int) -> str:
    """A line moved to the left, as far as it is blank there."""
    return re.sub(rf"^ {{0,{columns}}}", "", line)
