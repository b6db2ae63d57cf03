import type { Start } from "../protocol";
import { texts } from "../texts";

interface Given {
  start: Start | null;
  /** None before the visitor has agreed to anything being sent. */
  act: { person: () => void; complain: () => void; correct: () => void } | null;
}

/** Always in sight, in print too: what this is, whose, as of when, and whom else to ask. */
export function Footer({ start, act }: Given) {
  return (
    <footer aria-label={texts.footerLabel}>
      <p className="notice">
        <strong>{texts.line}</strong>
        {start && <span>{` ${texts.host(start.host)} · ${texts.until(start.kb_until)}`}</span>}
      </p>
      <p className="help">
        <button type="button" disabled={!act} onClick={act?.person}>
          {texts.person}
        </button>
        <a href={`tel:${start?.hotline ?? "12345"}`}>{texts.hotline}</a>
        <button type="button" disabled={!act} onClick={act?.complain}>
          {texts.complain}
        </button>
        <button type="button" disabled={!act} onClick={act?.correct}>
          {texts.correct}
        </button>
      </p>
    </footer>
  );
}

/** The line in words, for copies and files. */
export function noteOf(start: Start | null): string {
  if (!start) return texts.line;
  const parts = [
    texts.host(start.host),
    texts.until(start.kb_until),
    texts.version(start.kb_version),
  ];
  return `${texts.line}（${parts.join("；")}；${texts.hotline}）`;
}
