import { useState } from "react";
import type { Clause } from "../protocol";
import { texts } from "../texts";
import { Badge } from "./Badge";
import { copy } from "./copy";

const PROVINCE = "province";

export function pageOf(clause: Clause): string {
  return `/clauses/${encodeURIComponent(clause.clause_id)}`;
}

export function placeOf(clause: Clause): string {
  return `${clause.doc_no || texts.card.noNumber} ${clause.locator}`;
}

/** A clause folded: its place and status in sight, its original words inside. */
export function ClauseFold({ clause }: { clause: Clause }) {
  const [done, setDone] = useState("");
  const address = new URL(pageOf(clause), location.href).href;
  const take = (text: string): void => {
    void copy(text).then((ok) => setDone(ok ? texts.card.copied : texts.card.notCopied));
  };
  return (
    <details className="clause">
      <summary>
        <span className="clause-place">{placeOf(clause)}</span>{" "}
        <Badge status={clause.status} until={clause.valid_until} />
        {clause.scope !== PROVINCE && (
          <span className="scope">{texts.card.scope(clause.scope)}</span>
        )}
      </summary>
      {clause.doc_title && <p className="clause-title">《{bare(clause.doc_title)}》</p>}
      <blockquote>{clause.text}</blockquote>
      {clause.cautions.map((caution, index) => (
        <p key={index} className="line warning">
          <strong>{texts.card.caution}：</strong>
          {caution}
        </p>
      ))}
      <p className="actions">
        <button
          type="button"
          onClick={() => take(`${placeOf(clause)}\n${clause.text}\n${address}`)}
        >
          {texts.card.copyClause}
        </button>
        <button type="button" onClick={() => take(address)}>
          {texts.card.share}
        </button>
        <a href={pageOf(clause)} target="_blank" rel="noopener">
          {texts.card.open}
        </a>
        <span role="status">{done}</span>
      </p>
    </details>
  );
}

/** Titles that bring their own brackets keep one pair. */
function bare(title: string): string {
  return title.replace(/^《([^《》]*)》$/, "$1");
}
