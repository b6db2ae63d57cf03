/** Telling an operator that somebody waits or something is due: title, tone, notification. */

let last = 0;

export function retitle(brand: string, waiting: number): void {
  document.title = waiting ? `（${waiting}）${brand}` : brand;
}

/** Once for each growth of the queue, not for each look at it. */
export function alert(waiting: number): void {
  const more = waiting > last;
  last = waiting;
  if (!more) return;
  tone();
  if ("Notification" in window && Notification.permission === "granted" && document.hidden) {
    new Notification("有人在等人工", { body: `现在有${waiting}位在等`, tag: "waiting" });
  }
}

const REMINDED = "wence.desk.reminded";

/** Those of some keys that nobody was alerted to yet; from now on they were. */
export function unheard(keys: readonly string[]): string[] {
  let before: unknown;
  try {
    before = JSON.parse(localStorage.getItem(REMINDED) ?? "[]");
  } catch {
    before = [];
  }
  const heard = new Set<unknown>(Array.isArray(before) ? before : []);
  try {
    // What presses no more is forgotten: should it come back, that is news.
    localStorage.setItem(REMINDED, JSON.stringify(keys));
  } catch {
    // Without storage an alert comes again after a reload.
  }
  return keys.filter((key) => !heard.has(key));
}

/** A ticket whose time has come: heard and, with the page out of sight, shown. */
export function remind(title: string, body: string): void {
  tone();
  if ("Notification" in window && Notification.permission === "granted" && document.hidden) {
    new Notification(title, { body, tag: "reminder" });
  }
}

function tone(): void {
  try {
    const context = new AudioContext();
    const source = context.createOscillator();
    const volume = context.createGain();
    volume.gain.value = 0.08;
    source.frequency.value = 660;
    source.connect(volume).connect(context.destination);
    source.start();
    source.stop(context.currentTime + 0.25);
    source.onended = () => void context.close();
  } catch {
    // A browser without sound still has the title and the number on the tab.
  }
}
