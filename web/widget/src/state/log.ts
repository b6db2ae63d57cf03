/** The conversation as the page knows it: a pure reducer, so that it can be tested alone. */
import type { Entry, Said, ServerFrame, Standing } from "../protocol";

export type Pending = Said & { failed?: string };

export interface Log {
  entries: readonly Entry[];
  /** Said and not yet seen among the entries, in order. */
  pending: readonly Pending[];
  /** Of the last entry seen; where to go on from. */
  position: number;
  standing: Standing;
}

export const emptyLog: Log = {
  entries: [],
  pending: [],
  position: 0,
  standing: { holder: null, waiting: false, place: null },
};

/** The log after a frame. Entries are kept once and in order, however they come. */
export function received(log: Log, frame: ServerFrame): Log {
  switch (frame.type) {
    case "ready":
      return { ...log, standing: frame.state };
    case "entry":
      return withEntry(log, frame.entry);
    case "reset":
      return { ...emptyLog, pending: log.pending, standing: log.standing };
    case "error":
      return frame.id === undefined ? log : refused(log, frame.id, frame.code, frame.message);
    default:
      return log;
  }
}

function withEntry(log: Log, entry: Entry): Log {
  if (log.entries.some((known) => known.position === entry.position)) return log;
  const entries = [...log.entries, entry].sort((a, b) => a.position - b.position);
  return {
    ...log,
    entries,
    pending: log.pending.filter((said) => said.id !== entry.message_id),
    position: Math.max(log.position, entry.position),
  };
}

function refused(log: Log, id: string, code: string, message: string): Log {
  // What only came too fast or too early is sent again by the connection.
  if (code === "too_many" || code === "away") return log;
  return {
    ...log,
    pending: log.pending.map((said) => (said.id === id ? { ...said, failed: message } : said)),
  };
}

export function said(log: Log, message: Said): Log {
  return { ...log, pending: [...log.pending.filter((one) => one.id !== message.id), message] };
}

export function dropped(log: Log, id: string): Log {
  return { ...log, pending: log.pending.filter((one) => one.id !== id) };
}

/** Whether the assistant still owes an answer. */
export function isWorking(log: Log): boolean {
  if (log.standing.holder !== null) return false;
  if (log.pending.some((one) => one.failed === undefined)) return true;
  const last = log.entries[log.entries.length - 1];
  return last?.author === "person" && !log.standing.waiting;
}
