/** Facts of a firm: read from what is typed, said as a message, shown to people. */
import type { Fact, FactValue } from "../protocol";
import { texts } from "../texts";

const WAN = 10_000;

export type Unit = "yuan" | "wan";

/** The number that was typed; null where it is none. Full-width digits and commas are fine. */
export function numberOf(typed: string): number | null {
  const plain = typed.normalize("NFKC").replace(/[,\s]/g, "");
  if (!/^\d{1,15}(\.\d{1,4})?$/.test(plain)) return null;
  return Number(plain);
}

/** A number as people write it, without rounding noise. */
export function written(value: number): string {
  return String(Number(value.toPrecision(15)));
}

/** An answer as the message that says it; null where the number is none or out of bounds. */
export function said(fact: Fact, typed: string, unit: Unit = "wan"): string | null {
  if (fact.type === "date") return dateSaid(typed);
  const number = numberOf(typed);
  if (number === null) return null;
  if (!within(fact, valueOf(fact, number, unit))) return null;
  if (fact.type === "money") {
    return `${written(number)}${unit === "wan" ? texts.question.wan : texts.question.yuan}`;
  }
  if (fact.type === "ratio") return `${written(number)}%`;
  if (fact.type === "integer" && !Number.isInteger(number)) return null;
  return `${written(number)}${fact.unit}`;
}

/** The number in the fact's own unit: 元, a share, a count. */
export function valueOf(fact: Fact, number: number, unit: Unit): number {
  if (fact.type === "money") return unit === "wan" ? Math.round(number * WAN * 100) / 100 : number;
  return fact.type === "ratio" ? Number((number / 100).toPrecision(12)) : number;
}

function within(fact: Fact, value: number): boolean {
  return value >= (fact.least ?? -Infinity) && value <= (fact.most ?? Infinity);
}

function dateSaid(typed: string): string | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(typed);
  return match ? `${match[1]}年${Number(match[2])}月${Number(match[3])}日` : null;
}

/** A kept value for people. */
export function shown(fact: Fact | undefined, value: FactValue): string {
  if (typeof value === "boolean") return value ? texts.profile.yes : texts.profile.no;
  if (fact?.type === "choice") {
    return fact.choices.find((choice) => choice.id === value)?.name ?? String(value);
  }
  if (typeof value !== "number") return String(value);
  if (fact?.type === "money" && value >= WAN) return `${written(value / WAN)}${texts.question.wan}`;
  if (fact?.type === "ratio") return `${written(Number((value * 100).toPrecision(12)))}%`;
  return `${written(value)}${fact?.unit ?? ""}`;
}
