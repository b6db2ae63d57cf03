import { useId, useState } from "react";
import type { Fact } from "../protocol";
import { texts } from "../texts";
import { said, shown, type Unit } from "./facts";

interface Given {
  fact: Fact;
  /** What was answered: the words that say it. */
  onAnswer(words: string): void;
}

/** A control that fits the fact: choices, a number with its unit, a date. */
export function FactField({ fact, onAnswer }: Given) {
  if (fact.type === "boolean") return null; // its quick replies are all there is to say
  return fact.type === "choice" ? (
    <ChoiceField fact={fact} onAnswer={onAnswer} />
  ) : (
    <TypedField fact={fact} onAnswer={onAnswer} />
  );
}

const FEW = 12; // choices that are shown as buttons

function ChoiceField({ fact, onAnswer }: Given) {
  const id = useId();
  const [chosen, setChosen] = useState("");
  if (fact.choices.length <= FEW) {
    return (
      <div className="field" role="group" aria-label={fact.name}>
        {fact.choices.map((choice) => (
          <button key={choice.id} type="button" onClick={() => onAnswer(choice.name)}>
            {choice.name}
          </button>
        ))}
      </div>
    );
  }
  return (
    <form
      className="field"
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen) onAnswer(chosen);
      }}
    >
      <label htmlFor={id}>{fact.name}</label>
      <select id={id} value={chosen} onChange={(event) => setChosen(event.target.value)}>
        <option value="">{texts.question.choose}</option>
        {fact.choices.map((choice) => (
          <option key={choice.id} value={choice.name}>
            {choice.name}
          </option>
        ))}
      </select>
      <button type="submit" className="primary" disabled={!chosen}>
        {texts.question.send}
      </button>
    </form>
  );
}

function TypedField({ fact, onAnswer }: Given) {
  const id = useId();
  const [typed, setTyped] = useState("");
  const [unit, setUnit] = useState<Unit>("wan");
  const [wrong, setWrong] = useState("");
  const money = fact.type === "money";
  const date = fact.type === "date";
  const send = (): void => {
    const words = said(fact, typed, unit);
    if (words === null) setWrong(hint(fact));
    else onAnswer(words);
  };
  return (
    <form
      className="field"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <label htmlFor={id}>{fact.name}</label>
      <input
        id={id}
        type={date ? "date" : "text"}
        inputMode={date ? undefined : "decimal"}
        autoComplete="off"
        value={typed}
        aria-invalid={wrong !== ""}
        aria-describedby={wrong ? `${id}-wrong` : undefined}
        onChange={(event) => {
          setTyped(event.target.value);
          setWrong("");
        }}
      />
      {money ? (
        <select
          aria-label={texts.question.unit}
          value={unit}
          onChange={(event) => setUnit(event.target.value as Unit)}
        >
          <option value="wan">{texts.question.wan}</option>
          <option value="yuan">{texts.question.yuan}</option>
        </select>
      ) : (
        <span className="unit">{fact.type === "ratio" ? texts.question.percent : fact.unit}</span>
      )}
      <button type="submit" className="primary" disabled={!typed.trim()}>
        {texts.question.send}
      </button>
      {wrong && (
        <p id={`${id}-wrong`} role="alert" className="wrong">
          {wrong}
        </p>
      )}
    </form>
  );
}

function hint(fact: Fact): string {
  if (typeof fact.least !== "number" || typeof fact.most !== "number") return texts.question.wrong;
  return texts.question.range(shown(fact, fact.least), shown(fact, fact.most));
}
