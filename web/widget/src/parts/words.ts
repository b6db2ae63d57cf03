/** Reading the plain words of a reply, so that they can be laid out; nothing of them is dropped. */

export type Block =
  | { kind: "line"; label: string | null; text: string }
  | { kind: "table"; rows: readonly (readonly [string, string])[] }
  | { kind: "list"; ordered: boolean; items: readonly string[] };

const LABEL = /^([^：，。；“”（）()]{2,14})：(.+)$/;
const DASH = /^[-·•]\s*(.+)$/;
const NUMBER = /^\d{1,2}[.、．]\s*(.+)$/;
const PAIR = /^([^：]{1,40})：(.+)$/;

/** The blocks of a text: labelled lines, tables of figures, lists. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let run: { ordered: boolean; items: string[] } | null = null;
  const close = (): void => {
    if (run) blocks.push(listed(run.ordered, run.items));
    run = null;
  };
  for (const line of text.split("\n").map((one) => one.trim())) {
    if (!line) continue;
    const dash = DASH.exec(line)?.[1];
    const item = dash ?? NUMBER.exec(line)?.[1];
    if (item === undefined) {
      close();
      const match = LABEL.exec(line);
      blocks.push({ kind: "line", label: match?.[1] ?? null, text: match?.[2] ?? line });
      continue;
    }
    const ordered = dash === undefined;
    if (run && run.ordered !== ordered) close();
    run ??= { ordered, items: [] };
    run.items.push(item);
  }
  close();
  return blocks;
}

/** Rows that all read “name：figure” are a table of tiers. */
function listed(ordered: boolean, items: readonly string[]): Block {
  const pairs = items.map((item) => PAIR.exec(item));
  if (!ordered && items.length > 1 && pairs.every((pair) => pair !== null)) {
    return { kind: "table", rows: pairs.map((pair) => [pair[1] ?? "", pair[2] ?? ""] as const) };
  }
  return { kind: "list", ordered, items };
}

/** The first labelled line of that name. */
export function labelled(blocks: readonly Block[], label: string): string | null {
  for (const block of blocks) {
    if (block.kind === "line" && block.label === label) return block.text;
  }
  return null;
}
