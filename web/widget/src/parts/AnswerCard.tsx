import { useMemo } from "react";
import type { Reply, Verdict } from "../protocol";
import { texts, type StatusName } from "../texts";
import { Badge } from "./Badge";
import { ClauseFold, placeOf } from "./ClauseFold";
import { blocksOf, labelled, type Block } from "./words";
import { Words } from "./Words";

// Shown elsewhere on the card, in full.
const ELSEWHERE = new Set(["条文全文", "还可以接着问"]);

/** An answer: what, how much, from whom, in force or not, in whose words. */
export function AnswerCard({ reply }: { reply: Reply }) {
  const custom = reply.custom;
  const blocks = useMemo(() => blocksOf(reply.text), [reply.text]);
  const clauses = custom?.clauses ?? [];
  const [first, ...rest] = clauses;
  const verdict = custom?.verdict ?? null;
  const status: StatusName | undefined = verdict?.status ?? first?.status;
  const who = labelled(blocks, texts.card.who);
  const body = blocks.filter((block) => !isElsewhere(block, first?.text));
  return (
    <div className="card">
      <div className="card-head">
        {custom?.programme && (
          <h2>
            <a
              href={`/programmes/${encodeURIComponent(custom.programme.id)}`}
              target="_blank"
              rel="noopener"
            >
              {custom.programme.name}
            </a>
          </h2>
        )}
        {status && <Badge status={status} until={first?.valid_until ?? null} />}
        {verdict && (
          <span className={`badge verdict-${verdict.verdict}`}>
            {texts.verdict[verdict.verdict]}
          </span>
        )}
      </div>
      <dl className="key-facts">
        {verdict?.amount_text && (
          <Pair name={texts.card.amount} value={verdict.amount_text} strong />
        )}
        {who && <Pair name={texts.card.who} value={who} />}
        {first && <Pair name={texts.card.source} value={placeOf(first)} />}
      </dl>
      <Words blocks={body.filter((block) => !isPair(block, who, verdict))} />
      {verdict && verdict.conditions.length > 0 && <Conditions verdict={verdict} />}
      {first && (
        <div className="clauses">
          <ClauseFold clause={first} />
          {rest.length > 0 && (
            <details className="more-clauses">
              <summary>{`${texts.card.more}（${rest.length}）`}</summary>
              {rest.map((clause) => (
                <ClauseFold key={clause.clause_id} clause={clause} />
              ))}
            </details>
          )}
        </div>
      )}
    </div>
  );
}

/** The clause's own words stand in its fold; the follow-ups are buttons. */
function isElsewhere(block: Block, original: string | undefined): boolean {
  if (block.kind !== "line" || block.label === null || !ELSEWHERE.has(block.label)) return false;
  return block.label !== "条文全文" || block.text === original;
}

function isPair(block: Block, who: string | null, verdict: Verdict | null): boolean {
  if (block.kind !== "line") return false;
  if (block.label === texts.card.who) return block.text === who;
  return block.label === texts.card.amount && block.text === verdict?.amount_text;
}

function Pair({ name, value, strong = false }: { name: string; value: string; strong?: boolean }) {
  return (
    <div className={strong ? "pair pair-strong" : "pair"}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

const MARKS = { true: "✓", false: "✕", null: "?" } as const;

function Conditions({ verdict }: { verdict: Verdict }) {
  return (
    <details className="conditions">
      <summary>{texts.card.conditions}</summary>
      <ul>
        {verdict.conditions.map((condition, index) => {
          const key = String(condition.result) as keyof typeof MARKS;
          return (
            <li key={`${condition.id}-${index}`} className={`result-${key}`}>
              <span aria-hidden="true">{MARKS[key]}</span> {condition.text}
              <em>{texts.result[key]}</em>
            </li>
          );
        })}
      </ul>
      {verdict.working && (
        <p className="line">
          <strong>{texts.card.working}：</strong>
          {verdict.working}
        </p>
      )}
    </details>
  );
}
