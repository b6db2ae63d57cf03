import type { Status } from "./client";
import { STATUS } from "./texts";

/** A status in words and with a mark: never told by colour alone. */
export function StatusTag({ status }: { status: Status }) {
  const { text, tone, mark } = STATUS[status];
  return (
    <span className={`badge ${tone}`}>
      <span aria-hidden="true">{mark} </span>
      {text}
    </span>
  );
}
