/** The chat inside another site's page: words to and from the launcher, and nobody else. */

export type ToFrame = { wence: "hello"; identity?: string } | { wence: "shown"; shown: boolean };
export type ToPage = { wence: "ready" } | { wence: "close" } | { wence: "news"; count: number };

export class FrameBridge {
  private origin: string | null = null;
  private waiting: ToPage[] = [];

  /** ``embedders``: the origins that may frame the chat; none given means any. */
  constructor(private readonly embedders: readonly string[]) {}

  /** Hear the page's words until the function given back is called. */
  listen(onWord: (word: ToFrame) => void): () => void {
    const hear = (event: MessageEvent<unknown>): void => this.hear(event, onWord);
    if (this.framed) addEventListener("message", hear);
    return () => removeEventListener("message", hear);
  }

  get framed(): boolean {
    return window.parent !== window;
  }

  tell(word: ToPage): void {
    if (this.origin !== null) window.parent.postMessage(word, this.origin);
    else if (this.framed) this.waiting.push(word);
  }

  private hear(event: MessageEvent<unknown>, onWord: (word: ToFrame) => void): void {
    if (event.source !== window.parent || !isWord(event.data)) return;
    if (this.origin === null) {
      if (event.data.wence !== "hello" || !this.allowed(event.origin)) return;
      // Whoever greets first is spoken to from now on, and nobody else.
      this.origin = event.origin;
      for (const word of this.waiting.splice(0)) this.tell(word);
    }
    if (event.origin === this.origin) onWord(event.data);
  }

  private allowed(origin: string): boolean {
    if (origin === "null") return false; // a sandboxed page cannot be answered
    return this.embedders.length === 0 || this.embedders.includes(origin);
  }
}

function isWord(data: unknown): data is ToFrame {
  if (typeof data !== "object" || data === null || !("wence" in data)) return false;
  return data.wence === "hello" || data.wence === "shown";
}
