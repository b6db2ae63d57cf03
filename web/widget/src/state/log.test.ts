import { describe, expect, it } from "vitest";
import type { Entry } from "../protocol";
import { dropped, emptyLog, isWorking, received, said, type Log } from "./log";

function entry(position: number, author = "bot", id: string | null = null): Entry {
  return { position, author, at: "2026-11-21T08:00:00Z", text: "", reply: null, message_id: id };
}

function after(log: Log, ...entries: Entry[]): Log {
  return entries.reduce((now, one) => received(now, { type: "entry", entry: one }), log);
}

describe("the log", () => {
  it("keeps entries once and in order, however they come", () => {
    const log = after(emptyLog, entry(3), entry(1), entry(2), entry(3), entry(1));
    expect(log.entries.map((one) => one.position)).toEqual([1, 2, 3]);
    expect(log.position).toBe(3);
  });

  it("drops what was said once it is among the entries", () => {
    const log = said(said(emptyLog, { id: "a", text: "一" }), { id: "b", text: "二" });
    expect(after(log, entry(1, "person", "a")).pending.map((one) => one.id)).toEqual(["b"]);
  });

  it("keeps what came too fast, and marks what is refused for good", () => {
    const log = said(emptyLog, { id: "a", text: "一" });
    const error = { type: "error", id: "a", message: "太快" } as const;
    expect(received(log, { ...error, code: "too_many" }).pending[0]?.failed).toBeUndefined();
    expect(received(log, { ...error, code: "conflict" }).pending[0]?.failed).toBe("太快");
    expect(dropped(log, "a").pending).toEqual([]);
  });

  it("begins anew without losing what is unsaid", () => {
    const log = said(after(emptyLog, entry(1), entry(2)), { id: "a", text: "一" });
    const anew = received(log, { type: "reset" });
    expect([anew.entries.length, anew.position, anew.pending.length]).toEqual([0, 0, 1]);
  });

  it("knows when an answer is owed", () => {
    expect(isWorking(emptyLog)).toBe(false);
    const asked = after(emptyLog, entry(1, "person"));
    expect(isWorking(asked)).toBe(true);
    expect(isWorking(after(asked, entry(2)))).toBe(false);
    const state = { holder: "王晓", waiting: false, place: null };
    expect(isWorking(received(asked, { type: "ready", position: 1, state }))).toBe(false);
  });
});
