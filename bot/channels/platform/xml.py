"""The platforms' XML in and out.

What comes in is read without DTD, entities or anything external, bounded in size and
depth. Elements become dictionaries, text becomes ``str``, an element that is repeated
becomes a list; attributes mean nothing to the platforms and are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler, LexicalHandler, property_lexical_handler
from xml.sax.xmlreader import AttributesImpl

from defusedxml import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from bot.channels.platform.crypto import EnvelopeError

__all__ = ["MAX_XML", "listed", "read_xml", "write_xml"]

MAX_XML = 64 * 1024
"""Bytes of a document; more than any platform sends."""

_MAX_DEPTH = 8  # SelectedItems/SelectedItem/OptionIds/OptionId is the deepest of theirs
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# What XML 1.0 cannot hold, not even as a reference: https://www.w3.org/TR/xml/#charsets
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_xml(body: bytes) -> dict[str, Any]:
    """The fields of an ``<xml>`` document in UTF-8.

    A text is what stands in its CDATA sections, inner and outer blanks included; where
    there is none, the text without the blanks around it. Characters that XML cannot hold
    are left out before it is read: a person's message is not lost for one of them.

    Raises:
        EnvelopeError: too large, too deep, not UTF-8, not well-formed, not ``<xml>`` with
            elements in it, or with a DTD.
    """
    if len(body) > MAX_XML:
        raise EnvelopeError
    reader = _Reader()
    parser = DefusedExpatParser(forbid_dtd=True)
    parser.setContentHandler(reader)
    parser.setProperty(property_lexical_handler, reader)
    try:
        # As text, so that an encoding which the document declares does not count.
        parser.feed(_ILLEGAL.sub("", body.decode("utf-8")))
        parser.close()
    except (SAXException, DefusedXmlException, ValueError):
        raise EnvelopeError from None
    root = reader.root
    if reader.name != "xml" or not isinstance(root, dict):
        raise EnvelopeError
    return root


def listed(value: Any) -> list[Any]:
    """An element that may be repeated, as a list: none, the one, or all of them."""
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def write_xml(fields: Mapping[str, Any]) -> str:
    """An ``<xml>`` document: texts as CDATA, integers plain, mappings nested, lists repeated.

    Characters that XML cannot hold are left out.

    Raises:
        ValueError: a name is no plain element name.
        TypeError: a value is of no such kind.
    """
    return f"<xml>{''.join(_elements(fields))}</xml>"


def _elements(fields: Mapping[str, Any]) -> Iterator[str]:
    for name, value in fields.items():
        if not _NAME.fullmatch(name):
            raise ValueError("no plain element name")
        for one in value if isinstance(value, list) else [value]:
            yield f"<{name}>{_content(one)}</{name}>"


def _content(value: Any) -> str:
    if isinstance(value, Mapping):
        return "".join(_elements(value))
    if isinstance(value, int):
        return str(int(value))
    if not isinstance(value, str):
        raise TypeError(f"no XML for {type(value).__name__}")
    text = _ILLEGAL.sub("", value).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{text}]]>"


class _Element:
    def __init__(self) -> None:
        self.children: dict[str, Any] = {}
        self.bare: list[str] = []
        self.quoted: list[str] | None = None  # what stood in CDATA sections

    def add(self, name: str, value: Any) -> None:
        """One more child; the second of a name makes a list of them."""
        if name not in self.children:
            self.children[name] = value
        elif isinstance(self.children[name], list):
            self.children[name].append(value)
        else:
            self.children[name] = [self.children[name], value]

    def value(self) -> Any:
        """The children, else the text."""
        if self.children:
            return self.children
        return "".join(self.bare).strip() if self.quoted is None else "".join(self.quoted)


class _Reader(ContentHandler, LexicalHandler):
    """Builds the value of the root while the parser reads."""

    def __init__(self) -> None:
        super().__init__()
        self.name: str | None = None
        self.root: Any = None
        self._open: list[_Element] = []
        self._in_cdata = False

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        if len(self._open) > _MAX_DEPTH:
            raise SAXException("too deep")
        self.name = self.name or name
        self._open.append(_Element())

    def endElement(self, name: str) -> None:
        value = self._open.pop().value()
        if self._open:
            self._open[-1].add(name, value)
        else:
            self.root = value

    def startCDATA(self) -> None:
        self._in_cdata = True
        element = self._open[-1]
        if element.quoted is None:
            element.quoted = []

    def endCDATA(self) -> None:
        self._in_cdata = False

    def characters(self, content: str) -> None:
        element = self._open[-1]
        if self._in_cdata and element.quoted is not None:
            element.quoted.append(content)
        else:
            element.bare.append(content)
