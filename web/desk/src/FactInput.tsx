import { DatePicker, InputNumber, Segmented, Select } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import type { Fact, FactValue } from "./client";

const WAN = 10_000;
const MANY = 4;

type Props = {
  fact: Fact;
  value: FactValue | undefined;
  onChange: (value: FactValue | undefined) => void;
  id?: string;
};

/** One fact as a control: choices, a number with its unit, a day. */
export function FactInput({ fact, value, onChange, id }: Props) {
  const label = fact.name;
  if (fact.type === "boolean") {
    const options = [
      { label: "是", value: "yes" },
      { label: "否", value: "no" },
      { label: "不清楚", value: "" },
    ];
    const now = value === true ? "yes" : value === false ? "no" : "";
    return (
      <Segmented
        aria-label={label}
        size="small"
        options={options}
        value={now}
        onChange={(next) => onChange(next === "" ? undefined : next === "yes")}
      />
    );
  }
  if (fact.type === "choice") {
    return (
      <Select
        {...(id ? { id } : {})}
        aria-label={label}
        size="small"
        allowClear
        showSearch={fact.choices.length > MANY ? { optionFilterProp: "label" } : false}
        style={{ minWidth: 140 }}
        placeholder="不清楚"
        value={typeof value === "string" ? value : null}
        options={fact.choices.map((choice) => ({ value: choice.id, label: choice.name }))}
        onChange={(next: string | null | undefined) => onChange(next ?? undefined)}
      />
    );
  }
  if (fact.type === "date") {
    return (
      <DatePicker
        aria-label={label}
        size="small"
        value={typeof value === "string" ? dayjs(value) : null}
        onChange={(next) => onChange(next ? next.format("YYYY-MM-DD") : undefined)}
      />
    );
  }
  return <NumberInput fact={fact} value={value} onChange={onChange} />;
}

/** Money is told in 万元 and a share in per cent; inside it is 元 and a share of one. */
function NumberInput({ fact, value, onChange }: Props) {
  const [inYuan, setInYuan] = useState(false);
  const scale = fact.type === "money" ? (inYuan ? 1 : WAN) : fact.type === "ratio" ? 0.01 : 1;
  const now = typeof value === "number" ? Number((value / scale).toPrecision(12)) : null;
  const unit = fact.type === "ratio" ? "%" : fact.unit;
  return (
    <span>
      <InputNumber
        aria-label={fact.name}
        size="small"
        placeholder="不清楚"
        value={now}
        {...(fact.type === "integer" ? { precision: 0 } : {})}
        onChange={(next) =>
          onChange(next === null ? undefined : Number((Number(next) * scale).toPrecision(12)))
        }
      />{" "}
      {fact.type === "money" ? (
        <Select
          aria-label={`${fact.name}的单位`}
          size="small"
          value={inYuan ? "元" : "万元"}
          options={[{ value: "万元" }, { value: "元" }]}
          onChange={(next) => setInYuan(next === "元")}
        />
      ) : (
        unit
      )}
    </span>
  );
}
