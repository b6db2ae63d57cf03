import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Said, ServerFrame } from "../protocol";
import { Connection, type Link } from "./connection";

class FakeSocket {
  readyState = 0;
  sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  send(data: string): void {
    this.sent.push(JSON.parse(data) as Record<string, unknown>);
  }
  close(): void {
    this.readyState = 3;
    this.onclose?.({ code: 1000 });
  }
  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  hear(frame: ServerFrame): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  lose(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

const STATE = { holder: null, waiting: false, place: null };
const READY: ServerFrame = { type: "ready", position: 0, state: STATE };

class Bench {
  sockets: FakeSocket[] = [];
  frames: ServerFrame[] = [];
  links: Link[] = [];
  unsaid: Said[] = [];
  renewals: boolean[] = [];
  requests: { path: string; body: unknown }[] = [];
  answer: () => Response = () => Response.json({ entries: [], position: 0, state: STATE });
  position = 0;
  connection = new Connection({
    token: (renew) => {
      this.renewals.push(renew);
      return Promise.resolve("token");
    },
    after: () => this.position,
    unsaid: () => this.unsaid,
    onFrame: (frame) => this.frames.push(frame),
    onLink: (link) => this.links.push(link),
    openSocket: () => {
      const socket = new FakeSocket();
      this.sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    fetch: async (path, _token, body) => {
      this.requests.push({ path, body });
      // A held poll ends only after its time.
      if (path.includes("wait=20")) await new Promise((done) => setTimeout(done, 20_000));
      return this.answer();
    },
  });

  get socket(): FakeSocket {
    return this.sockets[this.sockets.length - 1]!;
  }

  async start(): Promise<void> {
    this.connection.start();
    await vi.advanceTimersByTimeAsync(0);
    this.socket.open();
    this.socket.hear(READY);
  }
}

describe("the connection", () => {
  let bench: Bench;
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    bench = new Bench();
  });
  afterEach(() => {
    bench.connection.stop();
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it("greets with what it has and says what is unsaid", async () => {
    bench.position = 7;
    bench.unsaid = [{ id: "a", text: "一" }];
    await bench.start();
    expect(bench.socket.sent).toEqual([
      { type: "hello", token: "token", after: 7 },
      { type: "say", id: "a", text: "一" },
    ]);
    expect(bench.links.at(-1)).toBe("online");
  });

  it("comes back by itself, later each time, and says again what was not taken", async () => {
    await bench.start();
    bench.unsaid = [{ id: "a", text: "一" }];
    bench.connection.say(bench.unsaid[0]!);
    bench.socket.lose();
    expect(bench.links.at(-1)).toBe("offline");
    await vi.advanceTimersByTimeAsync(499);
    expect(bench.sockets.length).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(bench.sockets.length).toBe(2);
    bench.socket.lose();
    await vi.advanceTimersByTimeAsync(999);
    expect(bench.sockets.length).toBe(2);
    await vi.advanceTimersByTimeAsync(1);
    bench.socket.open();
    bench.socket.hear(READY);
    expect(bench.socket.sent.at(-1)).toEqual({ type: "say", id: "a", text: "一" });
  });

  it("does not believe a socket that takes nothing", async () => {
    await bench.start();
    bench.unsaid = [{ id: "a", text: "一" }];
    bench.connection.say(bench.unsaid[0]!);
    await vi.advanceTimersByTimeAsync(8_000);
    expect(bench.links.at(-1)).toBe("offline");
    await vi.advanceTimersByTimeAsync(600);
    expect(bench.sockets.length).toBe(2);
  });

  it("asks for another token where the last is refused", async () => {
    await bench.start();
    bench.socket.lose(4401);
    await vi.advanceTimersByTimeAsync(500);
    expect(bench.renewals).toEqual([false, true]);
  });

  it("polls where no socket stays, and goes back to a socket once one does", async () => {
    bench.connection.start();
    for (const pause of [0, 500, 1000]) {
      await vi.advanceTimersByTimeAsync(pause);
      bench.socket.lose();
    }
    await vi.advanceTimersByTimeAsync(0);
    expect(bench.requests[0]?.path).toBe("messages?after=0&wait=0");
    expect(bench.links.at(-1)).toBe("polling");
    expect(bench.requests.at(-1)?.path).toBe("messages?after=0&wait=20");
    bench.connection.say({ id: "a", text: "一" });
    await vi.advanceTimersByTimeAsync(0);
    expect(bench.requests.at(-1)).toEqual({ path: "messages", body: { id: "a", text: "一" } });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(bench.sockets.length).toBe(4);
    bench.socket.open();
    bench.socket.hear(READY);
    expect(bench.links.at(-1)).toBe("online");
    const asked = bench.requests.length;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(bench.requests.length).toBe(asked);
  });

  it("tries at once when the network is back", async () => {
    await bench.start();
    bench.socket.lose();
    bench.connection.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(bench.sockets.length).toBe(2);
  });

  it("says nothing more once it is stopped", async () => {
    await bench.start();
    bench.connection.stop();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(bench.sockets.length).toBe(1);
  });
});
