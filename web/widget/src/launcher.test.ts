import { beforeEach, describe, expect, it, vi } from "vitest";

const ORIGIN = "https://chat.example";

async function launch(): Promise<ShadowRoot> {
  vi.resetModules();
  document.body.innerHTML = "";
  const script = document.createElement("script");
  Object.defineProperty(script, "src", { value: `${ORIGIN}/widget.js` });
  script.dataset["identity"] = "signed";
  Object.defineProperty(document, "currentScript", { value: script, configurable: true });
  await import("./launcher");
  return document.getElementById("wence-launcher")!.shadowRoot!;
}

function frame(root: ShadowRoot): HTMLIFrameElement {
  return root.querySelector("iframe")!;
}

function word(root: ShadowRoot, data: unknown, origin = ORIGIN, own = true): void {
  const source = own ? frame(root).contentWindow : window;
  dispatchEvent(new MessageEvent("message", { data, origin, source } as MessageEventInit));
}

describe("the launcher", () => {
  let root: ShadowRoot;
  let button: HTMLButtonElement;
  let panel: HTMLElement;
  beforeEach(async () => {
    root = await launch();
    button = root.querySelector("button")!;
    panel = root.querySelector("[role=dialog]")!;
  });

  it("opens the chat in a frame of its own origin, made at the first opening", () => {
    expect(root.querySelector("iframe")).toBeNull();
    expect(button.getAttribute("aria-expanded")).toBe("false");
    button.click();
    expect(frame(root).src).toBe(`${ORIGIN}/chat/`);
    expect(panel.hidden).toBe(false);
    expect(button.getAttribute("aria-expanded")).toBe("true");
    button.click();
    expect(panel.hidden).toBe(true);
  });

  it("hears its own frame and nobody else", () => {
    button.click();
    word(root, { wence: "close" }, "https://evil.example");
    word(root, { wence: "close" }, ORIGIN, false);
    word(root, null);
    expect(panel.hidden).toBe(false);
    word(root, { wence: "close" });
    expect(panel.hidden).toBe(true);
  });

  it("tells what is unread while it is shut", () => {
    button.click();
    word(root, { wence: "news", count: 1 });
    expect(button.classList.contains("unread")).toBe(false);
    button.click();
    word(root, { wence: "news", count: 1 });
    expect(button.getAttribute("aria-label")).toContain("1");
    button.click();
    expect(button.classList.contains("unread")).toBe(false);
  });

  it("greets the frame with the portal's word, to its origin only", () => {
    button.click();
    const post = vi.fn();
    Object.defineProperty(frame(root), "contentWindow", { value: { postMessage: post } });
    frame(root).dispatchEvent(new Event("load"));
    expect(post).toHaveBeenCalledWith({ wence: "hello", identity: "signed" }, ORIGIN);
  });
});
