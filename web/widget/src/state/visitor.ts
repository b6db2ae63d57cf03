/** What this browser keeps: a signed visitor's token, display settings, what is not yet sent. */
import { call, read } from "./service";

const PREFIX = "wence.";
// Where storage is barred (private windows, frames of other sites) the page's lifetime must do.
const memory = new Map<string, string>();

export function kept<T>(name: string): T | null {
  let text: string | null;
  try {
    text = localStorage.getItem(PREFIX + name);
  } catch {
    text = memory.get(name) ?? null;
  }
  try {
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}

export function keep(name: string, value: unknown): void {
  const text = JSON.stringify(value);
  try {
    localStorage.setItem(PREFIX + name, text);
  } catch {
    memory.set(name, text);
  }
}

/** Forget who it was; display settings and the consent stay. */
export function forgetKept(): void {
  for (const name of ["token", "pending"]) {
    memory.delete(name);
    try {
      localStorage.removeItem(PREFIX + name);
    } catch {
      /* there was none */
    }
  }
}

class KeptVisitor {
  /** What the portal says of the firm, to be passed on once. */
  identity: string | null = null;
  private asking: Promise<string> | null = null;

  /** The token; ``renew`` where the service refused the last. */
  async token(renew: boolean): Promise<string> {
    const known = kept<string>("token");
    if (known !== null && !renew && this.identity === null) return known;
    this.asking ??= this.ask(renew ? null : known).finally(() => (this.asking = null));
    return this.asking;
  }

  private async ask(known: string | null): Promise<string> {
    const identity = this.identity;
    this.identity = null;
    const body = { ...(known ? { token: known } : {}), ...(identity ? { identity } : {}) };
    let answer = await call("visitor", undefined, body);
    if (answer.status === 403 && identity) {
      // An expired word of the portal must not keep anybody from asking.
      answer = await call("visitor", undefined, known ? { token: known } : {});
    }
    const { token } = await read<{ token: string }>(Promise.resolve(answer));
    keep("token", token);
    return token;
  }
}

export const keptVisitor = new KeptVisitor();
