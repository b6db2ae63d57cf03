import { memo, useState } from "react";
import type { Button, Entry, Feedback, Reply } from "../protocol";
import { texts } from "../texts";
import { AnswerCard } from "./AnswerCard";
import { FactField } from "./FactField";
import { ListCard, rowsOf } from "./ListCard";
import { Rating } from "./Rating";
import { blocksOf } from "./words";
import { Words } from "./Words";
import { copy } from "./copy";

interface Given {
  entry: Entry;
  /** Whether it is the latest: only then may its questions be answered. */
  latest: boolean;
  rated: "up" | "down" | undefined;
  say: (text: string) => void;
  rate: (feedback: Feedback) => void;
  /** Words that go with every copy of an answer. */
  note: string;
}

const CARDS = new Set(["policy_answer", "eligibility_result"]);
const RATED = new Set(["policy_answer", "policy_list", "eligibility_result"]);

/** One line of the conversation. */
export const EntryView = memo(function EntryView(given: Given) {
  const { entry } = given;
  if (entry.author === "person") {
    return (
      <li className="entry entry-person">
        <span className="off-screen">{texts.says.person}</span>
        <p className="bubble">{entry.text || texts.unreadable}</p>
      </li>
    );
  }
  const bot = entry.author === "bot";
  return (
    <li className={`entry ${bot ? "entry-bot" : "entry-operator"}`}>
      {bot ? (
        <span className="off-screen">{texts.says.bot}</span>
      ) : (
        <span className="author">{texts.operator(entry.author)}</span>
      )}
      <Answer {...given} reply={entry.reply ?? { text: entry.text, custom: null }} />
    </li>
  );
});

function Answer({ entry, reply, latest, rated, say, rate, note }: Given & { reply: Reply }) {
  const type = reply.custom?.type ?? "text";
  const buttons = quickReplies(reply);
  return (
    <>
      <div className={CARDS.has(type) ? "bubble wide-bubble" : "bubble"}>
        {CARDS.has(type) ? (
          <AnswerCard reply={reply} />
        ) : type === "policy_list" || type === "clarify" ? (
          <ListCard reply={reply} say={latest ? say : null} />
        ) : (
          <Words blocks={blocksOf(reply.text)} />
        )}
        {latest && reply.custom?.fact && <FactField fact={reply.custom.fact} onAnswer={say} />}
      </div>
      {RATED.has(type) && (
        <div className="below">
          <CopyButton text={`${reply.text}\n\n${note}`} />
          <Rating position={entry.position} rated={rated} onRate={rate} />
        </div>
      )}
      {latest && buttons.length > 0 && (
        <div className="quick-replies">
          {buttons.map((button) => (
            <button key={button.payload} type="button" onClick={() => say(button.payload)}>
              {button.title}
            </button>
          ))}
        </div>
      )}
    </>
  );
}

/** The buttons that are not already controls: rows of a list, choices of a question. */
function quickReplies(reply: Reply): Button[] {
  const fact = reply.custom?.fact;
  if (fact?.type === "choice") {
    const names = new Set(fact.choices.map((choice) => choice.name));
    return (reply.buttons ?? []).filter((button) => !names.has(button.title));
  }
  const { rows, others } = rowsOf(reply);
  const listed = blocksOf(reply.text).find((block) => block.kind === "list" && block.ordered);
  const shown = listed?.kind === "list" && listed.items.length === rows.length;
  return shown ? others : (reply.buttons ?? []);
}

function CopyButton({ text }: { text: string }) {
  const [done, setDone] = useState("");
  return (
    <span className="copying">
      <button
        type="button"
        onClick={() =>
          void copy(text).then((ok) => setDone(ok ? texts.card.copied : texts.card.notCopied))
        }
      >
        {texts.card.copy}
      </button>
      <span role="status">{done}</span>
    </span>
  );
}
