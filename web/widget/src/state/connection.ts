/** One conversation over a WebSocket that comes back by itself, or by polling where none stays. */
import { UNKNOWN_VISITOR } from "../protocol";
import type { ClientFrame, Page, Said, ServerFrame } from "../protocol";

export type Link = "connecting" | "online" | "polling" | "offline";

export interface Needs {
  /** The visitor's token; ``renew`` asks for another than the last. */
  token(renew: boolean): Promise<string>;
  /** Position to go on from. */
  after(): number;
  /** What was said and is not yet among the entries. */
  unsaid(): readonly Said[];
  onFrame(frame: ServerFrame): void;
  onLink(link: Link): void;
  openSocket(): WebSocket;
  fetch(path: string, token: string, body?: unknown): Promise<Response>;
}

const FIRST_PAUSE = 500; // ms before the second try, doubled each time
const LONGEST_PAUSE = 15_000;
const READY_WITHIN = 10_000; // ms for a socket to be greeted
const TAKEN_WITHIN = 8_000; // ms for a message to be taken, after which the socket is not believed
const GIVE_UP_AFTER = 3; // sockets in a row that never got ready; then polling
const TRY_AGAIN = 60_000; // ms of polling before the next socket
const POLL_WAIT = 20; // seconds that the service may hold a poll

export class Connection {
  private socket: WebSocket | null = null;
  private ready = false;
  private failures = 0;
  private renew = false;
  private stopped = true;
  private polling = false;
  private generation = 0;
  private timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(private readonly needs: Needs) {}

  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    void this.connect();
  }

  stop(): void {
    this.stopped = true;
    this.generation += 1;
    this.polling = false;
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    this.drop();
  }

  /** The network came back, or the page was woken: do not wait for the pause to end. */
  wake(): void {
    if (this.stopped || this.polling) return;
    if (this.ready && this.socket?.readyState === 1) {
      // It may be dead and not know it: a greeting is answered or the socket is given up.
      this.watch(TAKEN_WITHIN);
      this.flush();
      return;
    }
    this.failures = Math.min(this.failures, 1);
    void this.connect();
  }

  say(message: Said): void {
    if (this.ready) {
      this.send({ type: "say", ...message });
      this.watch(TAKEN_WITHIN);
    } else if (this.polling) {
      void this.post(message);
    }
  }

  send(frame: ClientFrame): boolean {
    if (!this.ready || this.socket?.readyState !== 1) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  private async connect(): Promise<void> {
    const generation = ++this.generation;
    this.clear("again");
    this.drop();
    if (!this.polling) this.needs.onLink(this.failures ? "offline" : "connecting");
    let token: string;
    try {
      token = await this.needs.token(this.renew);
      this.renew = false;
    } catch {
      if (generation === this.generation) this.lost();
      return;
    }
    if (generation !== this.generation || this.stopped) return;
    let socket: WebSocket;
    try {
      socket = this.needs.openSocket();
    } catch {
      this.lost();
      return;
    }
    this.socket = socket;
    this.after("greeted", READY_WITHIN, () => socket.close());
    socket.onopen = () =>
      socket.send(JSON.stringify({ type: "hello", token, after: this.needs.after() }));
    socket.onmessage = (event: MessageEvent<string>) => {
      if (socket === this.socket) this.take(JSON.parse(event.data) as ServerFrame);
    };
    socket.onclose = (event) => {
      if (socket !== this.socket) return;
      this.renew = event.code === UNKNOWN_VISITOR;
      this.lost();
    };
  }

  private take(frame: ServerFrame): void {
    this.clear("taken");
    if (frame.type === "ready" && !this.ready) {
      this.clear("greeted");
      this.ready = true;
      this.polling = false;
      this.failures = 0;
      this.needs.onFrame(frame);
      this.needs.onLink("online");
      this.flush();
      return;
    }
    if (frame.type === "error" && (frame.code === "too_many" || frame.code === "away")) {
      this.after("flush", 3000, () => this.flush());
    }
    this.needs.onFrame(frame);
  }

  /** Say again what was not taken; the service knows each by its id. */
  private flush(): void {
    for (const message of this.needs.unsaid()) this.say(message);
  }

  private watch(within: number): void {
    if (this.needs.unsaid().length === 0) return;
    const socket = this.socket;
    this.after("taken", within, () => {
      if (socket === this.socket) {
        this.drop();
        this.lost();
      }
    });
  }

  private lost(): void {
    this.drop();
    if (this.stopped) return;
    this.failures += 1;
    if (this.failures >= GIVE_UP_AFTER && !this.polling) {
      this.polling = true;
      void this.poll();
    }
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (this.failures - 1));
    const wait = this.polling ? TRY_AGAIN : pause * (0.75 + Math.random() / 2);
    if (!this.polling) this.needs.onLink("offline");
    this.after("again", wait, () => void this.connect());
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    this.ready = false;
    this.clear("greeted");
    this.clear("taken");
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
  }

  // -- polling ----------------------------------------------------------

  private async poll(): Promise<void> {
    let pause = 0;
    let wait = 0; // the first answer shows at once that this way works
    while (this.polling && !this.stopped && !this.ready) {
      if (pause) await new Promise((done) => setTimeout(done, pause));
      try {
        const token = await this.needs.token(this.renew);
        this.renew = false;
        for (const message of this.needs.unsaid()) await this.post(message);
        const after = this.needs.after();
        const answer = await this.needs.fetch(`messages?after=${after}&wait=${wait}`, token);
        this.renew = answer.status === 401;
        if (!answer.ok) throw new Error(String(answer.status));
        this.deliver((await answer.json()) as Page, after);
        if (this.polling && !this.ready) this.needs.onLink("polling");
        pause = 0;
        wait = POLL_WAIT;
      } catch {
        if (!this.ready) this.needs.onLink("offline");
        pause = Math.min(LONGEST_PAUSE, Math.max(FIRST_PAUSE, pause * 2));
        wait = 0;
      }
    }
  }

  private deliver(page: Page, after: number): void {
    if (page.position < after) this.needs.onFrame({ type: "reset" });
    this.needs.onFrame({ type: "ready", position: page.position, state: page.state });
    for (const entry of page.entries) this.needs.onFrame({ type: "entry", entry });
  }

  private async post(message: Said): Promise<void> {
    const token = await this.needs.token(false);
    const answer = await this.needs.fetch("messages", token, message);
    if (answer.ok || answer.status === 401) return;
    const body = (await answer.json()) as { error: { code: string; message: string } };
    this.needs.onFrame({ type: "error", id: message.id, ...body.error });
  }

  private after(name: string, ms: number, work: () => void): void {
    this.clear(name);
    this.timers.set(name, setTimeout(work, ms));
  }

  private clear(name: string): void {
    const timer = this.timers.get(name);
    if (timer !== undefined) clearTimeout(timer);
    this.timers.delete(name);
  }
}
