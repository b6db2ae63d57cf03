import { useState } from "react";
import type { Feedback } from "../protocol";
import { texts } from "../texts";
import { Dialog } from "./Dialog";

interface Given {
  position: number;
  rated: "up" | "down" | undefined;
  onRate: (feedback: Feedback) => void;
}

/** 👍 and 👎 below an answer; 👎 asks for a reason. */
export function Rating({ position, rated, onRate }: Given) {
  const [asking, setAsking] = useState(false);
  return (
    <div className="rating" role="group" aria-label={texts.feedback.group}>
      <button
        type="button"
        aria-pressed={rated === "up"}
        onClick={() => onRate({ position, value: "up", reason: "" })}
      >
        <span aria-hidden="true">👍</span> {texts.feedback.up}
      </button>
      <button type="button" aria-pressed={rated === "down"} onClick={() => setAsking(true)}>
        <span aria-hidden="true">👎</span> {texts.feedback.down}
      </button>
      <span role="status">{rated ? texts.feedback.thanks : ""}</span>
      {asking && (
        <ReasonDialog
          title={texts.feedback.title}
          onClose={() => setAsking(false)}
          onSend={(reason) => {
            setAsking(false);
            onRate({ position, value: "down", reason });
          }}
        />
      )}
    </div>
  );
}

interface Asked {
  title: string;
  about?: string;
  first?: string;
  onClose: () => void;
  onSend: (reason: string) => void;
}

/** Why it was no good: a choice, and words if wanted. */
export function ReasonDialog({ title, about, first = "", onClose, onSend }: Asked) {
  const [reason, setReason] = useState<string>(first);
  const [more, setMore] = useState("");
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="reasons"
        onSubmit={(event) => {
          event.preventDefault();
          onSend([reason, more.trim()].filter(Boolean).join("：").slice(0, 500));
        }}
      >
        {about && <p>{about}</p>}
        <fieldset>
          <legend className="off-screen">{title}</legend>
          {texts.feedback.reasons.map((one) => (
            <label key={one}>
              <input
                type="radio"
                name="reason"
                checked={reason === one}
                onChange={() => setReason(one)}
              />
              {one}
            </label>
          ))}
        </fieldset>
        <label className="stacked">
          {texts.feedback.more}
          <textarea
            rows={3}
            maxLength={450}
            value={more}
            onChange={(event) => setMore(event.target.value)}
          />
        </label>
        <button type="submit" className="primary wide" disabled={!reason && !more.trim()}>
          {texts.feedback.send}
        </button>
      </form>
    </Dialog>
  );
}
