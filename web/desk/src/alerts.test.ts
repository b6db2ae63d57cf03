import { beforeEach, describe, expect, it } from "vitest";
import { unheard } from "./alerts";

beforeEach(() => localStorage.clear());

describe("alerts", () => {
  it("come once for each reminder", () => {
    expect(unheard(["a", "b"])).toEqual(["a", "b"]);
    expect(unheard(["a", "b"])).toEqual([]);
    expect(unheard(["a", "b", "c"])).toEqual(["c"]);
  });
  it("come again for what was seen to and presses anew", () => {
    unheard(["a"]);
    expect(unheard([])).toEqual([]);
    expect(unheard(["a"])).toEqual(["a"]);
  });
  it("survive what others left in the storage", () => {
    localStorage.setItem("wence.desk.reminded", "{");
    expect(unheard(["a"])).toEqual(["a"]);
    localStorage.setItem("wence.desk.reminded", '{"a":1}');
    expect(unheard(["a"])).toEqual(["a"]);
  });
});
