import { useState } from "react";
import type { Start } from "../protocol";
import { texts } from "../texts";

/** The greeting and the most asked topics by 篇. */
export function StartPage({ start, say }: { start: Start; say: (text: string) => void }) {
  const [open, setOpen] = useState(0);
  const topic = start.topics[open];
  return (
    <section className="start" aria-labelledby="start-title">
      <h2 id="start-title">{texts.start.hello}</h2>
      <p>{texts.start.about(start.documents, start.clauses)}</p>
      <h3>{texts.start.topics}</h3>
      <div className="tabs" role="group" aria-label={texts.start.topics}>
        {start.topics.map((one, index) => (
          <button
            key={one.name}
            type="button"
            aria-pressed={index === open}
            onClick={() => setOpen(index)}
          >
            {one.name}
          </button>
        ))}
      </div>
      <ul className="topics">
        {topic?.items.map((item) => (
          <li key={item.id}>
            <button type="button" onClick={() => say(item.payload)}>
              {item.title}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
