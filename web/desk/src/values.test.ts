import { describe, expect, it } from "vitest";
import type { Fact } from "./client";
import { query } from "./client";
import { fromPicker, lasting, money, share, shown, since, toPicker, when } from "./values";

const fact = (type: Fact["type"], more: Partial<Fact> = {}): Fact => ({
  id: "x",
  type,
  unit: "",
  name: "某项",
  question: "？",
  choices: [],
  least: 0,
  most: null,
  ...more,
});

describe("values", () => {
  it("tells money in 万元 where it is round", () => {
    expect(money(300_000)).toBe("30万元");
    expect(money(12_345)).toBe("12345元");
    expect(money(12_500)).toBe("1.25万元");
    expect(money(0)).toBe("0元");
  });
  it("shows and takes Shanghai's time wherever the browser is", () => {
    const picked = toPicker("2026-11-20T03:00:00Z");
    expect(picked?.format("MM-DD HH:mm")).toBe("11-20 11:00");
    expect(fromPicker(picked)).toBe("2026-11-20T11:00:00+08:00");
    expect(toPicker(null)).toBeNull();
    expect(fromPicker(null)).toBeNull();
  });
  it("tells facts in words", () => {
    expect(shown(fact("boolean"), true)).toBe("是");
    expect(shown(fact("money"), 32_000_000)).toBe("3200万元");
    expect(shown(fact("ratio"), 0.155)).toBe("15.5%");
    expect(shown(fact("integer", { unit: "人" }), 280)).toBe("280人");
    expect(shown(fact("choice", { choices: [{ id: "a", name: "工业" }] }), "a")).toBe("工业");
  });
  it("tells times in Shanghai", () => {
    expect(when("2026-11-20T16:05:00Z")).toBe("11-21 00:05");
    expect(since("2026-11-20T00:00:00Z", Date.parse("2026-11-20T00:03:20Z"))).toBe("3分20秒");
    expect(since("2026-11-20T00:00:10Z", Date.parse("2026-11-20T00:00:00Z"))).toBe("0秒");
    expect(lasting(null)).toBe("—");
    expect(lasting(40)).toBe("40秒");
    expect(lasting(90)).toBe("1.5分钟");
  });
  it("divides by nothing quietly", () => {
    expect(share(0, 0)).toBe("—");
    expect(share(1, 3)).toBe("33.3%");
  });
  it("leaves empty values out of a query", () => {
    expect(query({ q: "", kind: undefined })).toBe("");
    expect(query({ q: "a&b=c", kind: "help" })).toBe("?q=a%26b%3Dc&kind=help");
  });
});
