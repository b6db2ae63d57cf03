import { Button, Select } from "antd";
import { useState } from "react";
import type { Fact, Facts, FactValue, Firm } from "./client";
import { FactInput } from "./FactInput";
import { GROUPS } from "./texts";
import { shown } from "./values";

type Props = {
  facts: Facts;
  list: Fact[];
  firm: Firm | null;
  onFact: (id: string, value: FactValue | undefined) => void;
  onPick: (name: string) => void;
};

const GENERAL = ["sector", "city", "staff", "revenue"];

/** The caller's facts, and all that fits them; every fact updates every verdict. */
export function FirmPanel({ facts, list, firm, onFact, onPick }: Props) {
  const [added, setAdded] = useState<string[]>(GENERAL);
  const asked = list.filter((fact) => fact.id in facts || added.includes(fact.id));
  const others = list.filter((fact) => !asked.includes(fact));
  const told = Object.keys(facts).length > 0;
  return (
    <section className="panel" aria-label="来电企业">
      <h2>来电企业的情况</h2>
      {asked.map((fact) => (
        <div className="ask" key={fact.id}>
          <span className="question">{fact.name}</span>
          <FactInput
            fact={fact}
            value={facts[fact.id]}
            onChange={(value) => onFact(fact.id, value)}
          />
        </div>
      ))}
      <Select
        aria-label="添加一项情况"
        size="small"
        style={{ width: "100%" }}
        placeholder="添加一项情况"
        showSearch={{ optionFilterProp: "label" }}
        value={null}
        options={others.map((fact) => ({ value: fact.id, label: fact.name }))}
        onChange={(id: string) => setAdded([...added, id])}
      />
      {told && (
        <p className="small">
          已知：
          {list
            .filter((fact) => fact.id in facts)
            .map((fact) => `${fact.name}：${shown(fact, facts[fact.id] as FactValue)}`)
            .join("、")}
        </p>
      )}
      {told && firm && <Fitting firm={firm} onPick={onPick} />}
    </section>
  );
}

function Fitting({ firm, onPick }: { firm: Firm; onPick: (name: string) => void }) {
  const groups = (["has", "may_have", "just_missed", "expired"] as const).map(
    (group) => [group, firm.fitting.filter((one) => one.group === group)] as const,
  );
  return (
    <div role="status" aria-live="polite">
      {groups
        .filter(([, rows]) => rows.length > 0)
        .map(([group, rows]) => (
          <div key={group}>
            <h3>
              {GROUPS[group]}（{rows.length}）
            </h3>
            <ul className="plain">
              {rows.slice(0, 6).map((one) => (
                <li key={one.programme_id}>
                  <Button type="link" size="small" onClick={() => onPick(one.name)}>
                    {one.name}
                  </Button>
                  <span className="small">{one.working || one.amount_text}</span>
                </li>
              ))}
            </ul>
          </div>
        ))}
    </div>
  );
}
