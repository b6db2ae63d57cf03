import { Alert, Button } from "antd";
import type { Card, Deciding, Fact, Facts, FactValue, FirmVerdict } from "./client";
import { FactInput } from "./FactInput";
import { StatusTag } from "./StatusTag";
import { VERDICTS } from "./texts";

type Props = {
  card: Card;
  verdict: FirmVerdict | null;
  open: boolean;
  facts: Facts;
  known: Map<string, Fact>;
  onFact: (id: string, value: FactValue | undefined) => void;
  onCopy: () => void;
  onToggle: () => void;
  onMark: () => void;
  onReport: () => void;
};

/** One card, in the order of the first twenty seconds. */
export function CardView(props: Props) {
  const { card, verdict, open } = props;
  const good = card.status === "in_force";
  return (
    <article>
      <h2>
        {card.name} <StatusTag status={card.status} />
      </h2>
      <p className="say" tabIndex={0} aria-label="话术">
        {card.say}
      </p>
      <p>
        <Button type="primary" size="small" onClick={props.onCopy}>
          复制话术 C
        </Button>{" "}
        <Button size="small" onClick={props.onMark}>
          对比 M
        </Button>{" "}
        <Button size="small" onClick={props.onReport}>
          纠错 E
        </Button>
      </p>
      <Alert type={good ? "success" : "warning"} showIcon title={card.warning} />
      <h3>给谁、在哪</h3>
      <p style={{ margin: 0 }}>
        {card.scope}
        {card.authority && `；主管：${card.authority}`}
        {card.amount_text && `；${verdict?.amount_text || card.amount_text}`}
      </p>
      {verdict && <Verdict verdict={verdict} />}
      <Questions {...props} questions={verdict ? verdict.deciding : card.deciding} />
      <h3>出处</h3>
      <p style={{ margin: 0 }}>
        {card.place}{" "}
        <Button type="link" size="small" aria-expanded={open} onClick={props.onToggle}>
          {open ? "收起原文" : "展开原文 Enter"}
        </Button>
      </p>
      {open && <p className="original">{card.text}</p>}
      <Lines title="不能承诺的" lines={card.never} />
      <Lines title="转给谁" lines={card.transfer.map((one) => one.said)} />
      <Lines title="文件里的条件" lines={card.conditions} />
      {open && <Guide guide={card.guide} />}
    </article>
  );
}

function Verdict({ verdict }: { verdict: FirmVerdict }) {
  const failed = verdict.conditions.filter((one) => one.result === false);
  return (
    <>
      <h3>按来电企业的情况</h3>
      <p style={{ margin: 0 }} role="status" aria-live="polite">
        {VERDICTS[verdict.verdict]}
        {verdict.working && `；${verdict.working}`}
        {verdict.gaps.length > 0 && `；${verdict.gaps.join("；")}`}
        {verdict.verdict !== "ineligible" &&
          failed.length > 0 &&
          `；未满足：${failed.map((one) => one.text).join("；")}`}
      </p>
    </>
  );
}

function Questions({ questions, ...props }: Props & { questions: Deciding[] }) {
  if (!questions.length) return null;
  return (
    <div className="deciding">
      <h3>问这两句就知道</h3>
      {questions.map((question, index) => {
        const fact = props.known.get(question.id);
        return (
          <div className="ask" key={question.id}>
            <span className="question">
              {index + 1}. {question.question}
              <span className="small">{question.why && `（${question.why}）`}</span>
            </span>
            {fact && (
              <FactInput
                fact={fact}
                value={props.facts[fact.id]}
                onChange={(value) => props.onFact(fact.id, value)}
              />
            )}
          </div>
        );
      })}
    </div>
  );
}

function Lines({ title, lines }: { title: string; lines: string[] }) {
  if (!lines.length) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul className="plain">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </>
  );
}

function Guide({ guide }: { guide: Card["guide"] }) {
  const rows = Object.entries(guide);
  if (!rows.length) return null;
  return (
    <>
      <h3>怎么办</h3>
      <ul className="plain">
        {rows.map(([name, words]) => (
          <li key={name}>
            {name}：{words ?? "文件未载明"}
          </li>
        ))}
      </ul>
    </>
  );
}
