import { texts, type StatusName } from "../texts";

// A shape beside the colour: status is never shown by colour alone.
const MARKS: Record<StatusName, string> = {
  in_force: "✓",
  expired: "✕",
  repealed: "✕",
  not_yet: "…",
  not_stated: "?",
};

export function Badge({ status, until }: { status: StatusName; until?: string | null }) {
  return (
    <span className={`badge badge-${status}`}>
      <span aria-hidden="true">{MARKS[status]} </span>
      {texts.validity[status]}
      {until ? texts.until_day(until) : ""}
    </span>
  );
}
