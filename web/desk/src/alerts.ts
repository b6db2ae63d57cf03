/** Telling an operator that somebody waits: the title, a short tone, a notification. */

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
