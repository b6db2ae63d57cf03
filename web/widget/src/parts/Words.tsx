import { texts } from "../texts";
import { type Block } from "./words";

/** The blocks of a reply's words. */
export function Words({ blocks }: { blocks: readonly Block[] }) {
  return (
    <>
      {blocks.map((block, index) => (
        <OneBlock key={index} block={block} />
      ))}
    </>
  );
}

function OneBlock({ block }: { block: Block }) {
  if (block.kind === "table") {
    return (
      <table className="tiers">
        <thead>
          <tr>
            <th scope="col">{texts.card.item}</th>
            <th scope="col">{texts.card.figure}</th>
          </tr>
        </thead>
        <tbody>
          {block.rows.map(([name, figure], index) => (
            <tr key={index}>
              <td>{name}</td>
              <td>{figure}</td>
            </tr>
          ))}
        </tbody>
      </table>
    );
  }
  if (block.kind === "list") {
    const Tag = block.ordered ? "ol" : "ul";
    return (
      <Tag className="plain-list">
        {block.items.map((item, index) => (
          <li key={index}>{item}</li>
        ))}
      </Tag>
    );
  }
  const warning = block.label === "注意" || block.label === texts.card.caution;
  return (
    <p className={warning ? "line warning" : "line"}>
      {block.label !== null && <strong>{block.label}：</strong>}
      {block.text}
    </p>
  );
}
