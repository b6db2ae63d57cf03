/** The conversation as a text file. */
import type { Entry } from "../protocol";
import { texts } from "../texts";

export function transcript(entries: readonly Entry[], note: string, now: Date): string {
  const lines = entries.map((entry) => {
    const at = new Date(entry.at).toLocaleString("zh-CN", { hour12: false });
    const who =
      entry.author === "person"
        ? texts.download.person
        : entry.author === "bot"
          ? texts.download.bot
          : texts.operator(entry.author);
    return `【${who}】${at}\n${entry.reply?.text ?? entry.text}\n`;
  });
  const day = texts.download.printed(now.toLocaleString("zh-CN", { hour12: false }));
  return [texts.title, note, day, "", ...lines].join("\n");
}

export function save(text: string): void {
  // The mark tells editors on Windows that it is UTF-8.
  const address = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `${texts.download.name}.txt`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
