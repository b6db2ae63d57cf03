import { act } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Live, useKeys } from "./hooks";

class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readyState = 1;
  sent: string[] = [];
  onopen: (() => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  send(text: string) {
    this.sent.push(text);
  }
  close() {}
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  FakeSocket.all = [];
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  document.body.innerHTML = "";
});

describe("the live connection", () => {
  it("comes back by itself and watches what it watched", () => {
    const states: boolean[] = [];
    const live = new Live(
      (online) => states.push(online),
      () => undefined,
    );
    live.start();
    live.watch("t1");
    FakeSocket.all[0]?.onopen?.();
    FakeSocket.all[0]?.onclose?.({ code: 1006 });
    vi.advanceTimersByTime(2500);
    expect(FakeSocket.all).toHaveLength(2);
    FakeSocket.all[1]?.onopen?.();
    expect(FakeSocket.all[1]?.sent).toEqual(['{"type":"watch","talk":"t1"}']);
    expect(states).toEqual([true, false, true]);
    live.stop();
  });
  it("stops at the door when the sign-in is over", () => {
    const out = vi.fn();
    const live = new Live(() => undefined, out);
    live.start();
    FakeSocket.all[0]?.onclose?.({ code: 4401 });
    vi.advanceTimersByTime(10_000);
    expect(out).toHaveBeenCalledOnce();
    expect(FakeSocket.all).toHaveLength(1);
    live.stop();
  });
  it("looks from time to time though no word came", () => {
    const heard: string[] = [];
    const live = new Live(
      () => undefined,
      () => undefined,
    );
    const off = live.on((topic) => heard.push(topic));
    live.start();
    FakeSocket.all[0]?.onmessage?.({ data: '{"type":"board"}' });
    vi.advanceTimersByTime(20_500);
    expect(heard).toEqual(["board", "queue"]);
    off();
    live.stop();
  });
});

function Keys({ call }: { call: () => void }) {
  useKeys({ c: call }, true);
  return <input aria-label="box" />;
}

describe("single keys", () => {
  it("work unless somebody types or holds a modifier", () => {
    const call = vi.fn();
    const place = document.body.appendChild(document.createElement("div"));
    const root = createRoot(place);
    act(() => root.render(<Keys call={call} />));
    const press = (target: EventTarget, more: KeyboardEventInit = {}) =>
      target.dispatchEvent(new KeyboardEvent("keydown", { key: "C", bubbles: true, ...more }));
    press(document.body);
    press(place.querySelector("input") as HTMLInputElement);
    press(document.body, { ctrlKey: true });
    press(document.body, { key: "x" });
    expect(call).toHaveBeenCalledOnce();
    act(() => root.unmount());
  });
});
