"""What a Markdown page holds: its fenced blocks in order, each with the remark on the line above it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sybil import Document, Region
from sybil.parsers.markdown.lexers import DirectiveInHTMLCommentLexer, RawFencedCodeBlockLexer

FENCED = RawFencedCodeBlockLexer(re.compile(r"(?P<language>[^\n]*)\n"))
HIDDEN = DirectiveInHTMLCommentLexer("invisible-code-block", mapping={"arguments": "language", "source": "source"})
REMARK = re.compile(r"<!-- (file|output|not run)(?:: (.*?))? -->\s*\Z")


@dataclass(frozen=True)
class Block:
    """One block of code, and the line of the page where it begins."""

    language: str
    source: str
    line: int
    remark: str | None = None
    argument: str = ""


def blocks(page: str) -> list[Block]:
    """Return the blocks of a page's text, from top to bottom."""
    document = Document(page, "page")
    found = sorted(outermost([*FENCED(document), *HIDDEN(document)]), key=lambda region: region.start)
    return [read(page, region) for region in found]


def outermost(regions: list[Region]) -> Iterable[Region]:
    """Leave out what lies within another block: a fence shown inside a longer fence."""
    return (one for one in regions if not any(other.start < one.start and one.end <= other.end for other in regions))


def read(page: str, region: Region) -> Block:
    above = page[: region.start].rstrip(" \t").removesuffix("\n").rsplit("\n", 1)[-1]
    remark = REMARK.search(above)
    kind, argument = remark.groups(default="") if remark else (None, "")
    line = page.count("\n", 0, region.start) + 1
    return Block(region.lexemes["language"].strip(), str(region.lexemes["source"]), line, kind, argument)
