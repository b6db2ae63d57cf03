import { describe, expect, it } from "vitest";
import type { Fact, Reply } from "../protocol";
import { numberOf, said, shown, valueOf } from "./facts";
import { rowsOf } from "./ListCard";
import { transcript } from "./transcript";
import { blocksOf, labelled } from "./words";

function fact(type: Fact["type"], change: Partial<Fact> = {}): Fact {
  const none = { id: "f", name: "f", question: "?", choices: [], least: null, most: null };
  return { ...none, unit: "", type, ...change };
}

describe("the words of a reply", () => {
  it("become labelled lines, tables and lists, and none is lost", () => {
    const text =
      "按文件条件：“每户30万元”\n文件里的数额：\n- 每户：30万元\n- 上浮：30%\n1. 甲\n2. 乙\n完。";
    const blocks = blocksOf(text);
    expect(blocks.map((block) => block.kind)).toEqual(["line", "line", "table", "list", "line"]);
    expect(labelled(blocks, "按文件条件")).toBe("“每户30万元”");
    expect(blocks[2]).toEqual({
      kind: "table",
      rows: [
        ["每户", "30万元"],
        ["上浮", "30%"],
      ],
    });
    expect(blocks[3]).toEqual({ kind: "list", ordered: true, items: ["甲", "乙"] });
  });

  it("stay words where a list is no table", () => {
    expect(blocksOf("- 甲：一\n- 乙")[0]?.kind).toBe("list");
    expect(blocksOf("- 甲：一")[0]?.kind).toBe("list");
    expect(blocksOf("他说，这样：好")[0]).toMatchObject({ label: null });
  });
});

describe("facts", () => {
  it("are read as people type them", () => {
    expect(["3000", "３０００", "3,000", " 12.5 "].map(numberOf)).toEqual([3000, 3000, 3000, 12.5]);
    expect(["", "三千", "-1", "1e9", "1.2.3", "9".repeat(16)].map(numberOf)).toEqual(
      Array(6).fill(null),
    );
  });

  it("are said with their unit", () => {
    expect(said(fact("money"), "3000", "wan")).toBe("3000万元");
    expect(said(fact("money"), "0.1", "yuan")).toBe("0.1元");
    expect(said(fact("integer", { unit: "人" }), "30")).toBe("30人");
    expect(said(fact("integer", { unit: "人" }), "30.5")).toBeNull();
    expect(said(fact("ratio"), "12.5")).toBe("12.5%");
    expect(said(fact("date"), "2025-03-01")).toBe("2025年3月1日");
    expect(said(fact("date"), "昨天")).toBeNull();
  });

  it("keep within their bounds, in their own unit", () => {
    const bounded = fact("money", { least: 0, most: 10_000_000 });
    expect(said(bounded, "1000", "wan")).toBe("1000万元");
    expect(said(bounded, "1001", "wan")).toBeNull();
    expect(valueOf(fact("money"), 0.07, "wan")).toBe(700);
    expect(valueOf(fact("ratio"), 5.5, "wan")).toBe(0.055);
  });

  it("are shown as people read them", () => {
    expect(shown(fact("money"), 30_000_000)).toBe("3000万元");
    expect(shown(fact("ratio"), 0.055)).toBe("5.5%");
    expect(shown(fact("boolean"), true)).toBe("是");
    const choice = fact("choice", { choices: [{ id: "a", name: "工业" }] });
    expect(shown(choice, "a")).toBe("工业");
    expect(shown(undefined, "x")).toBe("x");
  });
});

describe("a list", () => {
  it("finds the clause that each button asks for", () => {
    const clause = (no: string, locator: string) => ({
      clause_id: no,
      doc_no: no,
      doc_title: null,
      locator,
      text: "",
      status: "in_force" as const,
      valid_until: null,
      scope: "province",
      cautions: [],
      also_in: [],
      programme_ids: [],
    });
    const reply = {
      text: "",
      buttons: [
        { title: "甲", payload: "晋发〔2024〕11号第85点" },
        { title: "下一页", payload: "下一页" },
      ],
      custom: { clauses: [clause("", "第85点"), clause("晋发〔2024〕11号", "第85点")] },
    } as unknown as Reply;
    const { rows, others } = rowsOf(reply);
    expect(rows.map((row) => row.clause.clause_id)).toEqual(["晋发〔2024〕11号"]);
    expect(others.map((button) => button.title)).toEqual(["下一页"]);
  });
});

describe("the transcript", () => {
  it("holds every word and the line that says what it is", () => {
    const line = { at: "2026-11-21T08:00:00Z", message_id: null };
    const text = transcript(
      [
        { ...line, position: 1, author: "person", text: "房租", reply: null },
        { ...line, position: 2, author: "王晓", text: "", reply: { text: "您好", custom: null } },
      ],
      "自动问答",
      new Date("2026-11-21T08:00:00Z"),
    );
    for (const words of ["自动问答", "【问】", "房租", "【坐席 王晓】", "您好"]) {
      expect(text).toContain(words);
    }
  });
});
