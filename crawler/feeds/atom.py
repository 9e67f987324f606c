"""A feed in Atom (RFC 4287), bounded, and the same bytes whenever it is made of the same.

The standard library's ElementTree and no library for feeds: what is written here is a dozen elements. feedgen, the one in
use, brings lxml and python-dateutil, was last released in 2023, and stamps feeds with the time at which they are made. Names
are text of a tree, so nothing is escaped by hand; what XML cannot hold at all was written out before (`entries.shown`).
"""

from datetime import UTC, datetime
from uuid import NAMESPACE_OID, UUID, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

from crawler.feeds.entries import Entry, Feed, Part
from crawler.pictures.labels import clean
from crawler.readable import counted

# The newest entries that a feed holds, and the bytes that they may take together.
ENTRIES = 30
LARGEST = 900_000
_ATOM, _XHTML = "http://www.w3.org/2005/Atom", "http://www.w3.org/1999/xhtml"


def document(feed: Feed, state: str) -> bytes:
    """The feed as a document; `state` is the identity of the state folder, of which its ids are made."""
    space = uuid5(NAMESPACE_OID, state)
    entries, left = list[Element](), LARGEST
    for entry in feed.entries[:ENTRIES]:
        element = _entry(entry, uuid5(space, f"{feed.key} {entry.crawl}"))
        left -= len(tostring(element, encoding="utf-8"))
        if left < 0:
            break
        entries.append(element)
    root = Element("feed", xmlns=_ATOM)
    _text(root, "id", uuid5(space, feed.key).urn)
    _text(root, "title", feed.title)
    if earlier := feed.earlier + len(feed.entries) - len(entries):
        _text(
            root,
            "subtitle",
            f"The newest entries; {counted(earlier, 'earlier crawl is', 'earlier crawls are')} left out.",
        )
    _text(root, "updated", _time(feed.entries[0].at if feed.entries else feed.since))
    _text(SubElement(root, "author"), "name", "hub-genealogy")
    if feed.url:
        SubElement(root, "link", rel="alternate", type="text/html", href=feed.url)
    root.extend(entries)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'.encode()


def _entry(entry: Entry, identity: UUID) -> Element:
    root = Element("entry")
    _text(root, "id", identity.urn)
    _text(root, "title", entry.title)
    _text(root, "updated", _time(entry.at))
    page = SubElement(SubElement(root, "content", type="xhtml"), "div", xmlns=_XHTML)
    _text(page, "p", f"Crawl {entry.crawl} found: {entry.title}.")
    for part in entry.parts:
        if len(entry.parts) > 1:
            _text(page, "p", f"{part.count:,} {part.words}:")
        _lines(page, part)
    if entry.left_out:
        _text(page, "p", "All of it:")
        _text(SubElement(page, "pre"), "code", entry.way)
    return root


def _lines(page: Element, part: Part) -> None:
    every = SubElement(page, "ul")
    for line in part.lines:
        item = SubElement(every, "li")
        name = _text(item, "a" if line.url else "span", line.name)
        if line.url:
            name.set("href", line.url)
        name.tail = f" ({clean(line.what)})" if line.what else None
    if more := part.count - len(part.lines):
        _text(every, "li", f"and {more:,} more")


def _text(parent: Element, tag: str, text: str) -> Element:
    element = SubElement(parent, tag)
    element.text = clean(text)
    return element


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
