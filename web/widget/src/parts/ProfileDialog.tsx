import { useEffect, useState } from "react";
import type { Fact, FactValue } from "../protocol";
import { call, read } from "../state/service";
import { keptVisitor } from "../state/visitor";
import { texts } from "../texts";
import { Dialog } from "./Dialog";
import { numberOf, shown, valueOf, type Unit } from "./facts";

type Facts = Record<string, FactValue>;

async function profile(change?: Record<string, FactValue | null>): Promise<Facts> {
  const token = await keptVisitor.token(false);
  const body = change ? { facts: change } : undefined;
  return (await read<{ facts: Facts }>(call("profile", token, body))).facts;
}

/** What is kept of the firm: to see, to correct, to delete. */
export function ProfileDialog({ onClose }: { onClose: () => void }) {
  const [book, setBook] = useState<readonly Fact[]>([]);
  const [facts, setFacts] = useState<Facts | null>(null);
  const [failed, setFailed] = useState(false);
  const [editing, setEditing] = useState("");
  useEffect(() => {
    Promise.all([read<{ items: Fact[] }>(call("/api/v1/facts")), profile()])
      .then(([list, kept]) => {
        setBook(list.items);
        setFacts(kept);
      })
      .catch(() => setFailed(true));
  }, []);
  const change = (id: string, value: FactValue | null): void => {
    profile({ [id]: value })
      .then((kept) => {
        setFacts(kept);
        setEditing("");
        setFailed(false);
      })
      .catch(() => setFailed(true));
  };
  const editedFact = book.find((fact) => fact.id === editing);
  return (
    <Dialog title={texts.profile.title} onClose={onClose}>
      <p>{texts.profile.about}</p>
      {failed && (
        <p role="alert" className="wrong">
          {texts.profile.failed}
        </p>
      )}
      {facts && Object.keys(facts).length === 0 && <p>{texts.profile.none}</p>}
      <ul className="profile">
        {Object.entries(facts ?? {}).map(([id, value]) => {
          const fact = book.find((one) => one.id === id);
          const name = fact?.name ?? id;
          return (
            <li key={id}>
              <span className="profile-name">{name}</span>
              <span className="profile-value">{shown(fact, value)}</span>
              <button
                type="button"
                aria-label={`${texts.profile.change}${name}`}
                onClick={() => setEditing(id)}
              >
                {texts.profile.change}
              </button>
              <button
                type="button"
                aria-label={`${texts.profile.remove}${name}`}
                onClick={() => change(id, null)}
              >
                {texts.profile.remove}
              </button>
            </li>
          );
        })}
      </ul>
      <label className="stacked">
        {texts.profile.add}
        <select value={editing} onChange={(event) => setEditing(event.target.value)}>
          <option value="">{texts.question.choose}</option>
          {book.map((fact) => (
            <option key={fact.id} value={fact.id}>
              {fact.name}
            </option>
          ))}
        </select>
      </label>
      {editedFact && (
        <Editor key={editedFact.id} fact={editedFact} onSave={(value) => change(editing, value)} />
      )}
    </Dialog>
  );
}

function Editor({ fact, onSave }: { fact: Fact; onSave: (value: FactValue) => void }) {
  const [typed, setTyped] = useState("");
  const [unit, setUnit] = useState<Unit>("wan");
  const value = valueTyped(fact, typed, unit);
  const options: [string, string][] =
    fact.type === "boolean"
      ? [
          ["true", texts.profile.yes],
          ["false", texts.profile.no],
        ]
      : fact.choices.map((choice) => [choice.id, choice.name]);
  return (
    <form
      className="field"
      onSubmit={(event) => {
        event.preventDefault();
        if (value !== null) onSave(value);
      }}
    >
      <label>
        <span>{fact.question}</span>
        {options.length > 0 ? (
          <select value={typed} onChange={(event) => setTyped(event.target.value)}>
            <option value="">{texts.question.choose}</option>
            {options.map(([id, name]) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        ) : (
          <input
            type={fact.type === "date" ? "date" : "text"}
            inputMode={fact.type === "date" ? undefined : "decimal"}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
      </label>
      {fact.type === "money" && (
        <select
          aria-label={texts.question.unit}
          value={unit}
          onChange={(event) => setUnit(event.target.value as Unit)}
        >
          <option value="wan">{texts.question.wan}</option>
          <option value="yuan">{texts.question.yuan}</option>
        </select>
      )}
      {fact.type === "ratio" && <span className="unit">{texts.question.percent}</span>}
      <button type="submit" className="primary" disabled={value === null}>
        {texts.question.send}
      </button>
    </form>
  );
}

function valueTyped(fact: Fact, typed: string, unit: Unit): FactValue | null {
  if (!typed) return null;
  if (fact.type === "boolean") return typed === "true";
  if (fact.type === "choice" || fact.type === "date") return typed;
  const number = numberOf(typed);
  return number === null ? null : valueOf(fact, number, unit);
}
