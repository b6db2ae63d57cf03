/** What several pages need: live news, loading, keys. */

import { App } from "antd";
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError } from "./client";

export type Topic = "queue" | "board" | "tickets" | "talk" | "reminders";

const RETRY = 2000;
const SIGNED_OUT = 4401;
const LOOK = 20_000;

type Listener = (topic: Topic) => void;

/** One WebSocket for the whole desk; it comes back by itself. */
export class Live {
  private socket: WebSocket | null = null;
  private readonly listeners = new Set<Listener>();
  private talk: string | null = null;
  private stopped = false;
  private timers: number[] = [];

  constructor(
    private readonly onState: (online: boolean) => void,
    private readonly onSignedOut: () => void,
  ) {}

  start(): void {
    this.stopped = false;
    this.open();
    // A word can get lost with a connection.
    this.timers.push(window.setInterval(() => this.tell("queue"), LOOK));
  }

  stop(): void {
    this.stopped = true;
    this.timers.forEach((timer) => window.clearInterval(timer));
    this.timers = [];
    this.socket?.close();
  }

  on(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  watch(talk: string | null): void {
    this.talk = talk;
    if (this.socket?.readyState === WebSocket.OPEN) this.send();
  }

  private send(): void {
    this.socket?.send(JSON.stringify({ type: "watch", talk: this.talk }));
  }

  private tell(topic: Topic): void {
    this.listeners.forEach((listener) => listener(topic));
  }

  private open(): void {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/desk/api/ws`);
    this.socket = socket;
    socket.onopen = () => {
      this.onState(true);
      if (this.talk) this.send();
    };
    socket.onmessage = (event: MessageEvent<string>) =>
      this.tell((JSON.parse(event.data) as { type: Topic }).type);
    socket.onclose = (event) => {
      if (this.stopped) return;
      this.onState(false);
      if (event.code === SIGNED_OUT) this.onSignedOut();
      else window.setTimeout(() => !this.stopped && this.open(), RETRY);
    };
  }
}

/** A value from the service, loaded anew when `key` changes or somebody asks for it. */
export function useLoaded<T>(
  load: () => Promise<T>,
  key: string,
): { value: T | null; reload: () => void } {
  const [value, setValue] = useState<T | null>(null);
  const [count, setCount] = useState(0);
  const fail = useFailure();
  const latest = useRef(load);
  useEffect(() => {
    latest.current = load;
  });
  useEffect(() => {
    let here = true;
    latest
      .current()
      .then((found) => here && setValue(found))
      .catch((error: unknown) => here && fail(error));
    return () => {
      here = false;
    };
  }, [key, count, fail]);
  return { value, reload: useCallback(() => setCount((n) => n + 1), []) };
}

/** Call back whenever one of some topics has news. */
export function useNews(live: Live, topics: readonly Topic[], call: () => void): void {
  const latest = useRef(call);
  useEffect(() => {
    latest.current = call;
  });
  const wanted = topics.join();
  useEffect(
    () => live.on((topic) => wanted.split(",").includes(topic) && latest.current()),
    [live, wanted],
  );
}

/** Says what went wrong, in the service's own words. */
export function useFailure(): (error: unknown) => void {
  const { message } = App.useApp();
  return useCallback(
    (error: unknown) => {
      void message.error(error instanceof ApiError ? error.message : "出错了，请刷新后再试");
    },
    [message],
  );
}

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Single keys, while nobody is typing and no dialogue is open. */
export function useKeys(keys: Record<string, () => void>, active: boolean): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    if (!active) return;
    function down(event: KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      const dialogues = document.querySelectorAll("[role=dialog]");
      if ([...dialogues].some((one) => one.getClientRects().length > 0)) return;
      // A focused button keeps its own Enter.
      if (event.key === "Enter" && event.target instanceof HTMLButtonElement) return;
      const work = latest.current[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (!work) return;
      event.preventDefault();
      work();
    }
    window.addEventListener("keydown", down);
    return () => window.removeEventListener("keydown", down);
  }, [active]);
}

/** The value as it was when it last stood still. */
export function useSettled<T>(value: T, milliseconds: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(value), milliseconds);
    return () => window.clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}
