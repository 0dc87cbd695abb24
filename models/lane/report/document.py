"""A report as plain content, and the same content as Markdown and as one HTML file."""

from __future__ import annotations

import base64
import html
from dataclasses import dataclass
from pathlib import Path
from string import Template

_PAGE = Template((Path(__file__).parent / "page.html").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text; the first column names, the others hold numbers."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG in the report's folder."""

    file: str
    shows: str  # for who cannot see it
    caption: str


Part = str | Table | Picture


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it; a string is a paragraph."""

    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A title, an introduction and sections."""

    title: str
    introduction: tuple[Part, ...]
    sections: tuple[Section, ...]


def markdown(document: Document) -> str:
    """The document as Markdown, whose pictures lie beside it."""
    blocks = [f"# {document.title}", *map(_markdown_part, document.introduction)]
    for section in document.sections:
        blocks += [f"## {section.title}", *map(_markdown_part, section.parts)]
    return "\n\n".join(blocks) + "\n"


def _markdown_part(part: Part) -> str:
    if isinstance(part, Table):
        rule = "|".join(["---", *["---:"] * (len(part.head) - 1)])
        rows = ["| " + " | ".join(row) + " |" for row in (part.head, *part.rows)]
        return "\n".join([rows[0], f"|{rule}|", *rows[1:]])
    if isinstance(part, Picture):
        return f"![{part.shows}]({part.file})\n\n{part.caption}"
    return part


def one_page(document: Document, folder: Path) -> str:
    """The document as one HTML page that needs nothing else: its pictures, from `folder`, are inside."""
    blocks = [f"<h1>{html.escape(document.title)}</h1>", *(_html_part(part, folder) for part in document.introduction)]
    for section in document.sections:
        blocks.append(f"<h2>{html.escape(section.title)}</h2>")
        blocks += [_html_part(part, folder) for part in section.parts]
    return _PAGE.substitute(title=html.escape(document.title), body="\n".join(blocks))


def _html_part(part: Part, folder: Path) -> str:
    if isinstance(part, Table):
        head = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in part.head)
        rows = "".join(_html_row(row) for row in part.rows)
        return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    if isinstance(part, Picture):
        data = base64.b64encode((folder / part.file).read_bytes()).decode("ascii")
        image = f'<img alt="{html.escape(part.shows)}" src="data:image/png;base64,{data}">'
        return f"<figure>{image}<figcaption>{html.escape(part.caption)}</figcaption></figure>"
    return f"<p>{html.escape(part)}</p>"


def _html_row(row: tuple[str, ...]) -> str:
    first, *others = (html.escape(cell) for cell in row)
    return f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in others)}</tr>'
