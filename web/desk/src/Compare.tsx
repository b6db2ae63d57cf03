import { Modal } from "antd";
import type { ReactNode } from "react";
import type { Card } from "./client";
import { StatusTag } from "./StatusTag";

const ROWS: [string, (card: Card) => ReactNode][] = [
  ["状态", (card) => <StatusTag status={card.status} />],
  ["金额", (card) => card.amount_text || "文件未载明"],
  ["主管", (card) => card.authority || "文件未载明"],
  ["适用范围", (card) => card.scope],
  ["出处", (card) => card.place],
  ["条件", (card) => card.conditions.join("；") || "文件未载明"],
  ["不能承诺", (card) => card.never.join("；")],
];

/** Two cards side by side. */
export function Compare(props: { open: boolean; cards: Card[]; onClose: () => void }) {
  return (
    <Modal open={props.open} title="对比" footer={null} width={900} onCancel={props.onClose}>
      <div className="scrolled">
        <table style={{ width: "100%", borderCollapse: "collapse" }}>
          <thead>
            <tr>
              <td />
              {props.cards.map((card) => (
                <th key={card.id} scope="col" style={{ textAlign: "left", padding: 6 }}>
                  {card.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {ROWS.map(([name, value]) => (
              <tr key={name} style={{ borderTop: "1px solid #dde3ea", verticalAlign: "top" }}>
                <th scope="row" style={{ whiteSpace: "nowrap", textAlign: "left", padding: 6 }}>
                  {name}
                </th>
                {props.cards.map((card) => (
                  <td key={card.id} style={{ padding: 6 }}>
                    {value(card)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Modal>
  );
}
