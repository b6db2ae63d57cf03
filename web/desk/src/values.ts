/** How values are shown and read. */

import dayjs, { type Dayjs } from "dayjs";
import type { Fact, FactValue } from "./client";

const WAN = 10_000;

/** 320000 元 as 32万元; what is not round stays in 元. */
export function money(yuan: number): string {
  if (Math.abs(yuan) >= WAN && yuan % 100 === 0) return `${yuan / WAN}万元`;
  return `${yuan}元`;
}

/** A fact's value in words. */
export function shown(fact: Fact, value: FactValue): string {
  if (typeof value === "boolean") return value ? "是" : "否";
  if (fact.type === "choice") return fact.choices.find((one) => one.id === value)?.name ?? "";
  if (fact.type === "money") return money(Number(value));
  if (fact.type === "ratio") return `${Math.round(Number(value) * 10_000) / 100}%`;
  return `${value}${fact.unit}`;
}

const clock = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** 11-20 10:05, in Shanghai. */
export function when(instant: string): string {
  return clock.format(new Date(instant)).replace("/", "-");
}

const SHANGHAI = 8 * 3_600_000; // ahead of UTC, all the year round

/** What a picker shows for an instant: Shanghai's time, wherever the browser is. */
export function toPicker(instant: string | null | undefined): Dayjs | null {
  if (!instant) return null;
  return dayjs(new Date(Date.parse(instant) + SHANGHAI).toISOString().slice(0, 19));
}

/** The instant that was picked in Shanghai's time. */
export function fromPicker(moment: Dayjs | null | undefined): string | null {
  return moment ? moment.format("YYYY-MM-DDTHH:mm:ss+08:00") : null;
}

/** How long somebody has waited: 3分20秒. */
export function since(instant: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(instant)) / 1000));
  return seconds < 60 ? `${seconds}秒` : `${Math.floor(seconds / 60)}分${seconds % 60}秒`;
}

/** Seconds as people say them. */
export function lasting(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "—";
  return seconds < 60 ? `${Math.round(seconds)}秒` : `${Math.round(seconds / 6) / 10}分钟`;
}

/** 12%; nothing of nothing is a dash. */
export function share(part: number, whole: number): string {
  return whole ? `${Math.round((part / whole) * 1000) / 10}%` : "—";
}
