import { useMemo } from "react";
import type { Button, Clause, Reply } from "../protocol";
import { Badge } from "./Badge";
import { placeOf } from "./ClauseFold";
import { blocksOf } from "./words";
import { Words } from "./Words";

interface Row {
  button: Button;
  clause: Clause;
}

/** The clause that a button of a list asks for; its payload is the clause's place. */
export function rowsOf(reply: Reply): { rows: Row[]; others: Button[] } {
  const clauses = reply.custom?.clauses ?? [];
  const rows: Row[] = [];
  const others: Button[] = [];
  for (const button of reply.buttons ?? []) {
    const clause = clauses.find(
      (one) =>
        one.doc_no !== "" &&
        button.payload.startsWith(one.doc_no) &&
        button.payload.endsWith(one.locator),
    );
    if (clause) rows.push({ button, clause });
    else others.push(button);
  }
  return { rows, others };
}

/** A list to choose from: each row a button with its place and status. */
export function ListCard({ reply, say }: { reply: Reply; say: ((text: string) => void) | null }) {
  const blocks = useMemo(() => blocksOf(reply.text), [reply.text]);
  const { rows } = rowsOf(reply);
  const list = blocks.find((block) => block.kind === "list" && block.ordered);
  const complete = list?.kind === "list" && list.items.length === rows.length;
  if (!complete) return <Words blocks={blocks} />;
  return (
    <>
      <Words blocks={blocks.slice(0, blocks.indexOf(list))} />
      <ol className="choices">
        {rows.map(({ button, clause }, index) => (
          <li key={index}>
            <button type="button" disabled={say === null} onClick={() => say?.(button.payload)}>
              <span className="choice-title">{button.title}</span>
              <span className="choice-detail">
                {placeOf(clause)} <Badge status={clause.status} until={clause.valid_until} />
              </span>
            </button>
          </li>
        ))}
      </ol>
      <Words blocks={blocks.slice(blocks.indexOf(list) + 1)} />
    </>
  );
}
