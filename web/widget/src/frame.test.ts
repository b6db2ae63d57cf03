import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FrameBridge } from "./frame";

const PORTAL = "https://portal.example";

describe("the frame", () => {
  const post = vi.fn();
  const parent = { postMessage: post } as unknown as Window;
  let stop: () => void = () => undefined;
  beforeEach(() => {
    post.mockClear();
    vi.spyOn(window, "parent", "get").mockReturnValue(parent as never);
  });
  afterEach(() => {
    stop();
    vi.restoreAllMocks();
  });

  function bridge(...embedders: string[]): { bridge: FrameBridge; words: unknown[] } {
    const words: unknown[] = [];
    const made = new FrameBridge(embedders);
    stop = made.listen((word) => words.push(word));
    return { bridge: made, words };
  }

  function say(data: unknown, origin = PORTAL, source: unknown = parent): void {
    dispatchEvent(new MessageEvent("message", { data, origin, source } as MessageEventInit));
  }

  it("speaks to the page that greeted it, and only after that", () => {
    const { bridge: made, words } = bridge();
    made.tell({ wence: "close" });
    expect(post).not.toHaveBeenCalled();
    say({ wence: "hello" });
    expect(post).toHaveBeenCalledWith({ wence: "close" }, PORTAL);
    expect(words).toEqual([{ wence: "hello" }]);
  });

  it("keeps to the first origin", () => {
    const { words } = bridge();
    say({ wence: "hello" });
    say({ wence: "hello", identity: "x" }, "https://evil.example");
    expect(words.length).toBe(1);
  });

  it.each([
    [{ wence: "hello" }, "https://evil.example", parent],
    [{ wence: "hello" }, "null", parent],
    [{ wence: "hello" }, PORTAL, null],
    [{ wence: "shown" }, PORTAL, parent],
    ["hello", PORTAL, parent],
    [null, PORTAL, parent],
  ])("hears no stranger: %j from %s", (data, origin, source) => {
    const { words } = bridge(PORTAL);
    say(data, origin, source);
    expect(words).toEqual([]);
  });
});
