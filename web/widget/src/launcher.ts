/**
 * One line on any page: `<script src="https://…/widget.js" defer></script>`.
 *
 * Puts a button on the page; the chat runs in a frame of its own origin. Attributes of the
 * script: `data-side="left"`, `data-identity` (a JWT that the portal signed).
 */
import type { ToFrame, ToPage } from "./frame";
import { css } from "./launcher.css";
import { texts } from "./texts";

const GREETINGS = 40; // tries until the frame answers
const PAUSE = 250; // ms between them

function launch(script: HTMLScriptElement): void {
  const origin = new URL(script.src).origin;
  const host = document.createElement("div");
  host.id = "wence-launcher";
  // Open, so that accessibility tools see into it.
  const root = host.attachShadow({ mode: "open" });
  style(root);
  const box = document.createElement("div");
  box.className = script.dataset["side"] === "left" ? "box left" : "box";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "open";
  button.setAttribute("aria-haspopup", "dialog");
  button.textContent = texts.launcher.label;
  const panel = document.createElement("div");
  panel.className = "panel";
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-label", texts.launcher.frame);
  panel.hidden = true;
  box.append(panel, button);
  root.append(box);
  document.body.append(host);

  let frame: HTMLIFrameElement | null = null;
  let greeted = false;
  let unread = 0;

  const tell = (word: ToFrame): void => frame?.contentWindow?.postMessage(word, origin);

  const label = (): void => {
    const words = panel.hidden ? texts.launcher.open : texts.launcher.close;
    button.setAttribute("aria-label", unread ? words + texts.launcher.unread(unread) : words);
    button.setAttribute("aria-expanded", String(!panel.hidden));
    button.classList.toggle("unread", unread > 0);
  };

  const greet = (left: number): void => {
    if (greeted || left === 0) return;
    const identity = script.dataset["identity"];
    tell(identity ? { wence: "hello", identity } : { wence: "hello" });
    setTimeout(() => greet(left - 1), PAUSE);
  };

  const show = (shown: boolean): void => {
    if (shown && !frame) {
      frame = document.createElement("iframe");
      frame.title = texts.launcher.frame;
      frame.allow = "clipboard-write";
      frame.src = `${origin}/chat/`;
      frame.addEventListener("load", () => {
        greeted = false;
        greet(GREETINGS);
      });
      panel.append(frame);
    }
    panel.hidden = !shown;
    if (shown) {
      unread = 0;
      frame?.focus();
      tell({ wence: "shown", shown });
    } else {
      button.focus();
    }
    label();
  };

  button.addEventListener("click", () => show(panel.hidden));
  root.addEventListener("keydown", (event) => {
    if ((event as KeyboardEvent).key === "Escape" && !panel.hidden) show(false);
  });
  addEventListener("message", (event: MessageEvent<unknown>) => {
    if (event.origin !== origin || event.source !== frame?.contentWindow) return;
    const word = event.data as ToPage | null;
    if (word?.wence === "ready") {
      greeted = true;
      if (!panel.hidden) tell({ wence: "shown", shown: true });
    } else if (word?.wence === "close") {
      show(false);
    } else if (word?.wence === "news" && panel.hidden) {
      unread += 1;
      label();
    }
  });
  label();
}

/** A sheet made by script is allowed where the page's policy bars inline styles. */
function style(root: ShadowRoot): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
  } catch {
    const element = document.createElement("style");
    element.textContent = css;
    root.append(element);
  }
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement && !document.getElementById("wence-launcher")) {
  if (document.body) launch(script);
  else addEventListener("DOMContentLoaded", () => launch(script));
}
