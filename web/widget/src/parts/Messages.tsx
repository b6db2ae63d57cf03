import { useEffect, useRef } from "react";
import type { Feedback } from "../protocol";
import { isWorking } from "../state/log";
import type { Snapshot } from "../state/store";
import type { Pending } from "../state/log";
import { texts } from "../texts";
import { EntryView } from "./EntryView";

interface Given {
  snapshot: Snapshot;
  note: string;
  say: (text: string) => void;
  rate: (feedback: Feedback) => void;
  again: (message: Pending) => void;
  drop: (id: string) => void;
}

const NEAR = 80; // pixels by which a page may have moved and still be followed
const GAP = 12; // pixels above an answer

/** The log of the conversation; new lines are read aloud by screen readers. */
export function Messages({ snapshot, note, say, rate, again, drop }: Given) {
  const { log } = snapshot;
  const working = isWorking(log);
  const latest = log.entries.reduce((_, one) => (one.author === "person" ? 0 : one.position), 0);
  useFollowing(`${log.entries.length}/${log.pending.length}/${working}`);
  return (
    <div role="log" aria-label={texts.log} aria-live="polite">
      <ol className="messages">
        {snapshot.farewell && (
          <li className="entry entry-bot">
            <p className="bubble">{snapshot.farewell}</p>
          </li>
        )}
        {log.entries.map((entry) => (
          <EntryView
            key={entry.position}
            entry={entry}
            latest={entry.position === latest && log.pending.length === 0}
            rated={snapshot.rated.get(entry.position)}
            say={say}
            rate={rate}
            note={note}
          />
        ))}
        {log.pending.map((message) => (
          <li key={message.id} className="entry entry-person">
            <p className="bubble">{message.text}</p>
            {message.failed === undefined ? (
              <span className="state">{texts.sending}</span>
            ) : (
              <span className="state wrong">
                {`${texts.failed}：${message.failed} `}
                <button type="button" onClick={() => again(message)}>
                  {texts.again}
                </button>
                <button type="button" onClick={() => drop(message.id)}>
                  {texts.drop}
                </button>
              </span>
            )}
          </li>
        ))}
        {working && (
          <li className="entry entry-bot entry-typing">
            <p className="bubble typing">
              <span className="off-screen">{texts.working}</span>
              <i aria-hidden="true" />
              <i aria-hidden="true" />
              <i aria-hidden="true" />
            </p>
          </li>
        )}
      </ol>
    </div>
  );
}

/**
 * Bring what is new into sight, an answer from its beginning. Who has scrolled since to read
 * further up is left in peace, until they say something themselves.
 */
function useFollowing(stand: string): void {
  const begun = useRef(false);
  const placed = useRef(0);
  useEffect(() => {
    const scroller = document.querySelector<HTMLElement>("main");
    const last = scroller?.querySelector<HTMLElement>(".messages > li:last-child");
    if (!scroller || !last) return;
    const first = !begun.current;
    begun.current = true;
    const moved = Math.abs(scroller.scrollTop - placed.current) > NEAR;
    const own = last.matches(".entry-person, .entry-typing");
    if (!first && moved && !own) return;
    const end = scroller.scrollHeight - scroller.clientHeight;
    const above = last.offsetTop - scroller.offsetTop - GAP;
    scroller.scrollTo({ top: first || own ? end : Math.min(above, end) });
    placed.current = scroller.scrollTop;
  }, [stand]);
}
