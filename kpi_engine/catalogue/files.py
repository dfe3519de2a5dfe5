"""YAML files to declared entries: what stands where, before anybody asks whether it is right."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from kpi_engine.catalogue.declared import Declared, nearest, shown
from kpi_engine.findings import Finding
from kpi_engine.terms import Severity

SECTIONS = {
    "metrics": "metric",
    "links": "link",
    "targets": "target",
    "baselines": "baseline",
    "assumptions": "assumption",
    "events": "event",
    "initiatives": "initiative",
    "organisation": "organisation",
}
"""Top-level key of a definition file to the kind of entry it lists."""


@dataclass(frozen=True, kw_only=True)
class Folder:
    """The YAML files of a folder, as they were when it was looked at.

    Attributes:
        name: For the reader.
        files: Name and bytes of each, by their names; None where there is no such folder.
    """

    name: str = field(compare=False)
    files: tuple[tuple[str, bytes], ...] | None

    @classmethod
    def read(cls, path: Path) -> "Folder":
        """Look at a folder."""
        if not path.is_dir():
            return cls(name=str(path), files=None)
        files = tuple((file.name, file.read_bytes()) for file in sorted(path.glob("*.yaml")))
        return cls(name=str(path), files=files)


@dataclass
class Declarations:
    """What a set of folders declares, later folders replacing entries of earlier ones."""

    entries: dict[tuple[str, str], Declared] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    digest: Any = field(default_factory=sha256)

    def take_definitions(self, folder: Folder) -> None:
        """Take in every definition file of a folder, in the order of their names."""
        seen: dict[tuple[str, str], Declared] = {}
        for file, node, content in self._documents(folder):
            for entry in self._entries(file, node, content):
                self._add(entry, seen)
        self.entries |= seen

    def take_recipes(self, folder: Folder) -> list[str]:
        """Take in a folder of recipes, one to a file, and return their ids."""
        seen: dict[tuple[str, str], Declared] = {}
        for file, node, content in self._documents(folder):
            content.setdefault("type", "events")
            self._add(_declared("recipe", file, node, content, index=0), seen)
        self.entries |= seen
        return [entry.key for entry in seen.values()]

    def _add(self, entry: Declared, seen: dict[tuple[str, str], Declared]) -> None:
        before = seen.setdefault((entry.kind, entry.key), entry)
        if before is not entry:
            sentence = (
                f"'{entry.key}' stands twice: in {before.file} line {before.line} and in "
                f"{entry.file} line {entry.line}. Within a folder every {entry.kind} stands once."
            )
            self.findings.append(entry.finding(Severity.ERROR, "id", sentence, value=entry.key))
        elif entry.kind == "organisation" and ("organisation", entry.key) in self.entries:
            merged = self.entries["organisation", entry.key].content | entry.content
            entry.content.update(merged)

    def _documents(self, folder: Folder) -> Iterator[tuple[str, yaml.MappingNode, dict[str, Any]]]:
        if folder.files is None:
            self._mistake(folder.name, "There is no such folder. Definitions are read from it.")
            return
        for name, raw in folder.files:
            self.digest.update(name.encode() + b"\0" + raw + b"\0")
            try:
                node, content = parsed(raw.decode("utf-8-sig"))
            except UnicodeDecodeError as error:
                self._mistake(name, f"Not UTF-8 text at byte {error.start}: save it as UTF-8.")
            except yaml.YAMLError as error:
                self._mistake(name, *_syntax(error))
            else:
                yield from self._checked(name, node, content)

    def _checked(
        self, name: str, node: yaml.Node | None, content: object
    ) -> Iterator[tuple[str, yaml.MappingNode, dict[str, Any]]]:
        if node is None:
            self._mistake(name, "The file is empty. Write a definition or delete it.")
        elif not isinstance(node, yaml.MappingNode) or not isinstance(content, dict):
            known = ", ".join(f"{section}:" for section in SECTIONS)
            rule = f"A file of definitions starts with one of {known}"
            self._mistake(name, f"{shown(content)} is not a set of named fields. {rule}")
        elif _is_endless(node):
            found = f"It unfolds to more than {_MOST_VALUES:,} values"
            rule = "write them out instead of referring to others with '*'."
            self._mistake(name, f"{found}: {rule}")
        else:
            for key, line in _repeated_keys(node):
                rule = "the last one would silently win. Keep one of them."
                self._mistake(name, f"The field '{key}' stands twice in one entry: {rule}", line)
            yield name, node, content

    def _entries(
        self, file: str, node: yaml.MappingNode, content: dict[str, Any]
    ) -> Iterator[Declared]:
        sections = {key.value: (key.start_mark.line + 1, value) for key, value in node.value}
        for section, (line, value_node) in sections.items():
            value = content.get(section)
            if section not in SECTIONS:
                hint = nearest(str(section), SECTIONS)
                self._mistake(file, f"'{section}' is not a kind of definition.{hint}", line)
            elif section == "organisation" and isinstance(value, dict):
                yield _declared("organisation", file, value_node, value, index=0)
            elif section != "organisation" and isinstance(value, list):
                yield from self._listed(file, section, value_node, value)
            else:
                form = "a set of fields" if section == "organisation" else "a list, '- id: …'"
                self._mistake(file, f"{section}: {shown(value)} found, {form} expected.", line)

    def _listed(
        self, file: str, section: str, node: yaml.SequenceNode, entries: list[Any]
    ) -> Iterator[Declared]:
        for index, (item, content) in enumerate(zip(node.value, entries, strict=True), start=1):
            if isinstance(content, dict):
                yield _declared(SECTIONS[section], file, item, content, index=index)
            else:
                line = item.start_mark.line + 1
                sentence = f"{section}, entry {index}: {shown(content)} is not a set of fields."
                self._mistake(file, sentence, line)

    def _mistake(self, place: str, sentence: str, line: int | None = None) -> None:
        self.findings.append(
            Finding(severity=Severity.ERROR, place=place, sentence=sentence, line=line)
        )


_MOST_VALUES = 100_000
"""Of one file; the longest that is shipped has some thousands."""

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RESOLVERS = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
"""Dates stay text, so that a wrong one is a finding about its own field."""


def parsed(text: str) -> tuple[yaml.Node | None, object]:
    """A file's nodes, with their places, and what it says; days stay text.

    Raises:
        yaml.YAMLError: It is not YAML.
    """
    loader = _Loader(text)
    loader.yaml_implicit_resolvers = _RESOLVERS
    try:
        node = loader.get_single_node()
        return node, loader.construct_document(node) if node else None
    finally:
        loader.dispose()


def _syntax(error: yaml.YAMLError) -> tuple[str, int | None]:
    """What is wrong with the YAML itself, and on which line."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "unreadable"
    where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    sentence = f"Not valid YAML{where}: {problem}. The rest of this file was not checked."
    return sentence, mark.line + 1 if mark else None


def _is_endless(node: yaml.Node) -> bool:
    """Whether references unfold to more values than anybody would write."""
    count, waiting = 0, [node]
    while waiting and count <= _MOST_VALUES:
        one = waiting.pop()
        count += 1
        if isinstance(one, yaml.MappingNode):
            waiting += [part for pair in one.value for part in pair]
        elif isinstance(one, yaml.SequenceNode):
            waiting += one.value
    return count > _MOST_VALUES


def _repeated_keys(node: yaml.Node) -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.MappingNode):
        counts = Counter(key.value for key, _ in node.value if isinstance(key.value, str))
        lines = {
            key.value: key.start_mark.line + 1 for key, _ in node.value if counts.get(key.value)
        }
        yield from ((key, lines[key]) for key, count in counts.items() if count > 1)
        children = [value for _, value in node.value]
    else:
        children = node.value if isinstance(node, yaml.SequenceNode) else []
    for child in children:
        yield from _repeated_keys(child)


def _declared(
    kind: str, file: str, node: yaml.Node, content: dict[str, Any], *, index: int
) -> Declared:
    key, name = _identity(kind, content, index)
    line = node.start_mark.line + 1
    return Declared(kind=kind, key=key, name=name, file=file, line=line, content=content)


def _identity(kind: str, content: dict[str, Any], index: int) -> tuple[str, str]:
    """The key of an entry and its name in findings."""
    if kind == "organisation":
        return "organisation", "organisation"
    is_dated = kind in ("target", "baseline")
    name = str(content.get("metric" if is_dated else "id") or f"{kind} {index}")
    if not is_dated:
        return name, name
    segment = content.get("segment") or {}
    members = segment.items() if isinstance(segment, dict) else ()
    parts = [name, *(f"{dim}={member}" for dim, member in sorted(members))]
    return " ".join([*parts, f"from {content.get('valid_from')}"]), name
