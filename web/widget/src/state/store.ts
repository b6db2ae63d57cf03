/** Joins connection, log and what the browser keeps; React reads it through one hook. */
import { useSyncExternalStore } from "react";
import type { Feedback, ServerFrame } from "../protocol";
import { Connection, type Link } from "./connection";
import { dropped, emptyLog, received, said, type Log, type Pending } from "./log";
import { call, socketAddress } from "./service";
import { kept, keep, forgetKept, keptVisitor } from "./visitor";

export interface Snapshot {
  log: Log;
  link: Link;
  /** Feedback given on this page, by position. */
  rated: ReadonlyMap<number, "up" | "down">;
  /** What was said last of a conversation that is no more. */
  farewell: string | null;
}

export class Store {
  private snapshot: Snapshot;
  private readonly listeners = new Set<() => void>();
  private readonly connection: Connection;
  private announce: ((count: number) => void) | null = null;

  constructor() {
    const pending = kept<Pending[]>("pending") ?? [];
    this.snapshot = {
      log: { ...emptyLog, pending },
      link: "connecting",
      rated: new Map(),
      farewell: null,
    };
    this.connection = new Connection({
      token: (renew) => keptVisitor.token(renew),
      after: () => this.snapshot.log.position,
      unsaid: () => this.snapshot.log.pending.filter((one) => one.failed === undefined),
      onFrame: (frame) => this.take(frame),
      onLink: (link) => this.set({ link }),
      openSocket: () => new WebSocket(socketAddress()),
      fetch: call,
    });
  }

  start(): void {
    this.connection.start();
    addEventListener("online", () => this.connection.wake());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.connection.wake();
    });
  }

  /** Told of every new entry of the other side. */
  onNews(announce: (count: number) => void): void {
    this.announce = announce;
  }

  say(text: string): void {
    const message = { id: crypto.randomUUID?.() ?? randomId(), text: text.trim() };
    if (!message.text) return;
    this.set({ farewell: null });
    this.setLog(said(this.snapshot.log, message));
    this.connection.say(message);
  }

  again(message: Pending): void {
    const renewed = { id: message.id, text: message.text };
    this.setLog(said(this.snapshot.log, renewed));
    this.connection.say(renewed);
  }

  drop(id: string): void {
    this.setLog(dropped(this.snapshot.log, id));
  }

  rate(feedback: Feedback): void {
    const rated = new Map(this.snapshot.rated).set(feedback.position, feedback.value);
    this.set({ rated });
    if (this.connection.send({ type: "feedback", ...feedback })) return;
    void keptVisitor.token(false).then((token) => call("feedback", token, feedback));
  }

  private take(frame: ServerFrame): void {
    if (frame.type === "entry" && frame.entry.reply?.custom?.forget) {
      this.begin(frame.entry.reply.text);
      return;
    }
    const before = this.snapshot.log.entries.length;
    this.setLog(received(this.snapshot.log, frame));
    if (frame.type !== "entry" || this.snapshot.log.entries.length === before) return;
    if (frame.entry.author !== "person") this.announce?.(1);
  }

  /** The conversation is gone; who writes next is somebody new. */
  private begin(farewell: string): void {
    this.connection.stop();
    forgetKept();
    this.set({ log: emptyLog, rated: new Map(), farewell });
    this.connection.start();
  }

  private setLog(log: Log): void {
    if (log.pending !== this.snapshot.log.pending) keep("pending", log.pending);
    this.set({ log });
  }

  private set(change: Partial<Snapshot>): void {
    this.snapshot = { ...this.snapshot, ...change };
    for (const listener of this.listeners) listener();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly read = (): Snapshot => this.snapshot;
}

/** Where the page is not served over TLS browsers offer no randomUUID. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function useSnapshot(store: Store): Snapshot {
  return useSyncExternalStore(store.subscribe, store.read);
}
