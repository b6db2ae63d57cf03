"""Pages for people: a clause, a programme. Server-rendered, printable, found by search engines."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from datetime import date
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import quote

from aiohttp import web

from bot.api.records import full_clause
from bot.knowledge import Knowledge
from bot.policies.answer.places import name_of, place_of
from bot.policies.answer.verdicts import programme_record
from bot.policies.eligibility.amounts import quantity
from bot.policies.eligibility.programme import GUIDE, KINDS, Programme
from bot.policies.model import PROVINCE, Clause, Snapshot

__all__ = ["PagesApi"]

_TEMPLATES = Path(__file__).with_name("templates")
_UNSTATED = "文件未载明"
_NONE = "无"
# Of a verdict's conditions, those that the page tells under headings of their own.
_TOLD_APART = frozenset({"validity", "scope"})


class PagesApi:
    """``/clauses/{id}``, ``/programmes/{id}``, ``/sitemap.xml`` and ``/robots.txt``.

    Args:
        knowledge: the holder of the snapshot.
        today: the day of judgement.
        host: who runs the site.
        until: of a snapshot, up to when its documents go.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        today: Callable[[], date],
        *,
        host: str,
        until: Callable[[Snapshot], str],
    ) -> None:
        self._knowledge, self._today, self._host, self._until = knowledge, today, host, until
        self._style = (_TEMPLATES / "page.css").read_text("utf-8")
        self._templates = {
            name: Template((_TEMPLATES / f"{name}.html").read_text("utf-8"))
            for name in ("page", "clause", "programme")
        }
        digest = base64.b64encode(sha256(self._style.encode()).digest()).decode()
        self._headers = {
            "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{digest}'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "strict-origin-when-cross-origin",
            "Cache-Control": "no-cache",
        }

    def add_to(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get("/clauses/{id}", self.clause)
        app.router.add_get("/programmes/{id}", self.programme)
        app.router.add_get("/sitemap.xml", self.sitemap)
        app.router.add_get("/robots.txt", self.robots)

    async def clause(self, request: web.Request) -> web.Response:
        """One clause with all that is known of it."""
        snapshot = self._knowledge.current.snapshot
        clause = snapshot.clauses.get(request.match_info["id"])
        if clause is None:
            return self._missing("没有这一条", snapshot)
        record = full_clause(clause, snapshot, self._today())
        document = snapshot.document_of(clause)
        names = {key: snapshot.programmes[key].name for key in record.programme_ids}
        fields = {
            "doc_no": escape(record.doc_no) or "（无文号）",
            "locator": escape(record.locator),
            "status": record.status,
            "badge": _badge(record.status, record.valid_until, snapshot),
            "cautions": _cautions(record.cautions),
            "text": escape(record.text),
            "document": escape(name_of(document, snapshot.phrases)),
            "issuer": escape(record.issuer or _UNSTATED),
            "issued": record.issued_on.isoformat() if record.issued_on else _UNSTATED,
            "section": escape(
                " / ".join(filter(None, (record.part, record.section, record.subsection))) or _NONE
            ),
            "responsible": escape("、".join(record.responsible or ()) or _UNSTATED),
            "validity": _bullets(_spans(clause, snapshot)) or _UNSTATED,
            "scope": _scope(record.scope, snapshot),
            "programmes": _bullets(_link(f"/programmes/{key}", name) for key, name in names.items())
            or _NONE,
            "copies": _bullets(_cited(copy.clause_id, snapshot) for copy in record.copies) or _NONE,
        }
        title = f"{place_of(clause, snapshot)} {clause.caption}"
        body = self._templates["clause"].substitute(fields)
        return self._page(request.path, title, record.text, body, snapshot)

    async def programme(self, request: web.Request) -> web.Response:
        """One programme: for whom, how much, on what grounds."""
        snapshot = self._knowledge.current.snapshot
        programme = snapshot.programmes.get(request.match_info["id"])
        if programme is None:
            return self._missing("没有这个事项", snapshot)
        record = programme_record(programme, self._today(), snapshot)
        authority = snapshot.authorities.get(programme.authority or "")
        guide = programme.guide or {}
        conditions = [
            f"{escape(one['text'])}（{_cited(one['clause_id'], snapshot)}）"
            for one in record["conditions"]
            if one["id"] not in _TOLD_APART
        ]
        others = [
            _link(f"/programmes/{key}", snapshot.programmes[key].name)
            for key in dict.fromkeys(record["excludes"])
        ]
        fields = {
            "name": escape(programme.name),
            "status": record["status"],
            "badge": _badge(record["status"], record["valid_until"], snapshot),
            "cautions": _cautions(programme.cautions),
            "kind": escape(KINDS[programme.kind]),
            "amount": f"文件写的是“{escape(record['amount_text'])}”"
            if record["amount_text"]
            else _UNSTATED,
            "authority": escape(authority.name) if authority else _UNSTATED,
            "validity": _period(record["valid_from"], record["valid_until"]),
            "region": escape(programme.region.name),
            "conditions": _bullets(conditions) or f"<p>{_UNSTATED}</p>",
            "parameters": _parameters(programme, snapshot) or f"<p>{_UNSTATED}</p>",
            **{
                name: f"“{escape(words.words)}”（{_cited(words.clause, snapshot)}）"
                if (words := guide.get(name))
                else _UNSTATED
                for name in GUIDE
            },
            "excludes": _bullets(others) or f"<p>{_UNSTATED}</p>",
            "clauses": _bullets(
                f"{_cited(key, snapshot)}：{escape(snapshot.clauses[key].caption)}"
                for key in programme.references
            ),
        }
        body = self._templates["programme"].substitute(fields)
        return self._page(request.path, programme.name, record["amount_text"], body, snapshot)

    async def sitemap(self, request: web.Request) -> web.Response:
        """Every page, for search engines."""
        snapshot = self._knowledge.current.snapshot
        base = f"{request.scheme}://{request.host}"
        paths = [f"/programmes/{key}" for key in snapshot.programmes]
        paths += [f"/clauses/{key}" for key in snapshot.clauses]
        rows = "".join(f"<url><loc>{escape(base + quote(path))}</loc></url>" for path in paths)
        return web.Response(
            text='<?xml version="1.0" encoding="UTF-8"?>'
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>',
            content_type="application/xml",
        )

    async def robots(self, request: web.Request) -> web.Response:
        """What search engines may read."""
        base = f"{request.scheme}://{request.host}"
        return web.Response(
            text="User-agent: *\nAllow: /clauses/\nAllow: /programmes/\nDisallow: /\n"
            f"Sitemap: {base}/sitemap.xml\n"
        )

    def _page(
        self,
        path: str,
        title: str,
        description: str,
        body: str,
        snapshot: Snapshot,
        code: int = 200,
    ) -> web.Response:
        text = self._templates["page"].substitute(
            title=escape(title),
            description=escape(description[:150]),
            path=escape(path),
            style=self._style,
            body=body,
            host=escape(self._host),
            until=escape(self._until(snapshot)),
            version=escape(snapshot.version),
            day=self._today().isoformat(),
        )
        return web.Response(text=text, content_type="text/html", status=code, headers=self._headers)

    def _missing(self, words: str, snapshot: Snapshot) -> web.Response:
        body = f'<article><h1>{words}</h1><p><a href="/chat/">回到问答</a></p></article>'
        return self._page("", words, "", body, snapshot, 404)


def _badge(status: str, until: object, snapshot: Snapshot) -> str:
    words = snapshot.phrases.raw(f"status.{status}.badge")
    return escape(f"{words}（至{until}）" if until else words)


def _cautions(cautions: Iterable[str]) -> str:
    rows = "".join(f"<p>提醒：{escape(one)}</p>" for one in cautions)
    return f'<div class="caution">{rows}</div>' if rows else ""


def _bullets(rows: Iterable[str]) -> str:
    """A list of rows that are HTML already; empty where there is none."""
    items = "".join(f"<li>{row}</li>" for row in rows)
    return f"<ul>{items}</ul>" if items else ""


def _link(path: str, words: str) -> str:
    return f'<a href="{escape(quote(path))}">{escape(words)}</a>'


def _cited(key: str, snapshot: Snapshot) -> str:
    return _link(f"/clauses/{key}", place_of(snapshot.clauses[key], snapshot))


def _spans(clause: Clause, snapshot: Snapshot) -> list[str]:
    return [
        f"{escape(span.governs or '本条')}：{_period(span.starts, span.ends)}"
        f"（“{escape(span.stated_by)}”）"
        for span in clause.validity
    ]


def _period(starts: date | None, ends: date | None) -> str:
    if starts is None and ends is None:
        return _UNSTATED
    return f"{starts or '起始日未载明'} 至 {ends or '截止日未载明'}"


def _scope(scope: str, snapshot: Snapshot) -> str:
    return snapshot.phrases("answer.province") if scope == PROVINCE else escape(f"只限{scope}")


def _parameters(programme: Programme, snapshot: Snapshot) -> str:
    """The figures through time, as a table."""
    rows = []
    for history in programme.parameters.values():
        for figure in history.values:
            value = "已停止" if figure.value is None else quantity(figure.value, history.unit)
            source = _cited(figure.clause, snapshot) if figure.clause else ""
            rows.append(
                f"<tr><td>{escape(history.description)}</td><td>{escape(value)}</td>"
                f"<td>{figure.since}</td><td>{source}</td></tr>"
            )
    if not rows:
        return ""
    head = "<tr><th>项目</th><th>数额</th><th>自何时起</th><th>出处</th></tr>"
    return f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"
