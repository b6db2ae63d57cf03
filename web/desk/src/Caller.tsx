import { App, Button, Input, type InputRef, Modal } from "antd";
import { useEffect, useMemo, useRef, useState } from "react";
import { CardView } from "./CardView";
import { Compare } from "./Compare";
import { type Card, facts as loadFacts, type Me, post } from "./client";
import { FirmPanel } from "./FirmPanel";
import { useFailure, useKeys, useLoaded } from "./hooks";
import { StatusTag } from "./StatusTag";
import { TicketForm } from "./TicketForm";
import { useAnswers, useCall, useFirm } from "./useCall";

/** Answering a caller: question, cards, what to say; by keyboard alone. */
export function Caller({ me, active }: { me: Me; active: boolean }) {
  const call = useCall();
  const answers = useAnswers(call.question);
  const facts = useLoaded(loadFacts, "facts");
  const known = useMemo(() => new Map(facts.value?.map((fact) => [fact.id, fact])), [facts.value]);
  const cards = useMemo(() => answers?.cards ?? [], [answers]);
  const [picked, setPicked] = useState<string | null>(null);
  const [open, setOpen] = useState(false);
  const [marked, setMarked] = useState<Card[]>([]);
  const [dialogue, setDialogue] = useState<"ticket" | "report" | "compare" | null>(null);
  const [report, setReport] = useState("");
  const search = useRef<InputRef>(null);
  const { message } = App.useApp();
  const fail = useFailure();

  const card = cards.find((one) => one.id === picked) ?? cards[0] ?? null;
  const place = card ? cards.indexOf(card) : -1;
  const programmes = cards.filter((one) => one.kind === "programme").map((one) => one.id);
  const firm = useFirm(call.facts, programmes);
  const verdict = firm?.shown.find((one) => one.programme_id === card?.id) ?? null;

  useEffect(() => {
    if (active) search.current?.focus();
  }, [active, call.number]);

  function move(by: number) {
    const next = cards[Math.min(Math.max(place + by, 0), cards.length - 1)];
    if (!next) return;
    setPicked(next.id);
    document.getElementById(`card-${next.id}`)?.scrollIntoView({ block: "nearest" });
  }
  async function copy() {
    if (!card) return;
    call.use(card);
    try {
      await navigator.clipboard.writeText(card.say);
      void message.success("话术已复制");
    } catch {
      void message.warning("浏览器不让复制，请手工选中");
    }
  }
  function toggle() {
    if (card) call.use(card);
    setOpen((now) => !now);
  }
  function mark() {
    if (!card) return;
    const rest = marked.filter((one) => one.id !== card.id);
    const next = rest.length < marked.length ? rest : [...rest, card].slice(-2);
    setMarked(next);
    if (next.length === 2) setDialogue("compare");
    else void message.info(next.length ? "已加入对比，再选一项按 M" : "已取消对比");
  }
  function ask(number: number) {
    const questions = document.querySelectorAll<HTMLElement>(".deciding .ask");
    questions[number]
      ?.querySelector<HTMLElement>("input:checked, input, [role=combobox], button")
      ?.focus();
  }
  function renew() {
    call.renew();
    setPicked(null);
    setOpen(false);
    setMarked([]);
  }
  async function send() {
    if (!card || !report.trim()) return;
    try {
      await post("/corrections", { subject: card.id, text: report.trim() });
      setReport("");
      setDialogue(null);
      void message.success("已报告，编辑会处理");
    } catch (error) {
      fail(error);
    }
  }

  useKeys(
    {
      "/": () => search.current?.focus({ cursor: "all" }),
      ArrowDown: () => move(1),
      ArrowUp: () => move(-1),
      Enter: toggle,
      c: () => void copy(),
      m: mark,
      n: renew,
      t: () => setDialogue("ticket"),
      e: () => card && setDialogue("report"),
      "1": () => ask(0),
      "2": () => ask(1),
    },
    active,
  );

  return (
    <div className="column caller">
      <section className="panel" aria-label="检索">
        <Input
          ref={search}
          aria-label="来电人的问题"
          placeholder="来电人问什么？按 / 到这里"
          value={call.question}
          maxLength={500}
          allowClear
          onChange={(event) => {
            call.setQuestion(event.target.value);
            setPicked(null);
            setOpen(false);
          }}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return;
            if (event.key === "/" && !call.question) event.preventDefault();
            else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
              event.preventDefault();
              move(event.key === "ArrowDown" ? 1 : -1);
            } else if (event.key === "Enter" || event.key === "Escape") {
              // From here on the letters are commands.
              search.current?.blur();
              if (event.key === "Enter" && card) call.use(card);
            }
          }}
        />
        <p className="small" role="status" aria-live="polite">
          {answers
            ? cards.length
              ? `${cards.length}项，${answers.took_ms}毫秒${answers.mode === "lexical" ? "（按字词）" : ""}`
              : "没有找到。换个说法，或转12345转办"
            : "边输边查；↑↓ 选，Enter 后可用单键"}
        </p>
        <div>
          {cards.map((one) => (
            <button
              type="button"
              className="result"
              id={`card-${one.id}`}
              key={one.id}
              aria-current={one === card}
              onClick={() => {
                setPicked(one.id);
                call.use(one);
              }}
            >
              <span className="name">{one.name}</span> <StatusTag status={one.status} />
              <br />
              {one.amount_text && (
                <>
                  <span>{one.amount_text}</span>
                  <br />
                </>
              )}
              <span className="small">
                {one.doc_no || one.place} {one.authority}
              </span>
            </button>
          ))}
        </div>
        {call.used.length > 0 && (
          <>
            <h3>本次来电看过</h3>
            <ul className="plain small">
              {call.used.map(({ question, card: one }) => (
                <li key={one.id}>
                  {one.name}（{question}）
                </li>
              ))}
            </ul>
          </>
        )}
        <p>
          <Button onClick={() => setDialogue("ticket")}>登记工单 T</Button>{" "}
          <Button onClick={renew}>新来电 N</Button>
        </p>
      </section>
      <section className="panel" aria-label="话术卡">
        {card ? (
          <CardView
            card={card}
            verdict={verdict}
            open={open}
            facts={call.facts}
            known={known}
            onFact={call.setFact}
            onCopy={() => void copy()}
            onToggle={toggle}
            onMark={mark}
            onReport={() => setDialogue("report")}
          />
        ) : (
          <p className="small">输入来电人的问题，这里给出可以照着念的话。</p>
        )}
      </section>
      <FirmPanel
        key={call.number}
        facts={call.facts}
        list={facts.value ?? []}
        firm={firm}
        onFact={call.setFact}
        onPick={(name) => call.setQuestion(name)}
      />
      <Modal
        open={dialogue === "report"}
        title={`报告有误：${card?.name ?? ""}`}
        okText="报告"
        cancelText="取消"
        onOk={() => void send()}
        onCancel={() => setDialogue(null)}
        okButtonProps={{ disabled: !report.trim() }}
        destroyOnHidden
      >
        <Input.TextArea
          autoFocus
          aria-label="哪里有误"
          placeholder="哪里有误，应当是什么，依据是什么"
          rows={4}
          maxLength={1000}
          value={report}
          onChange={(event) => setReport(event.target.value)}
        />
      </Modal>
      <Compare
        open={dialogue === "compare"}
        cards={marked}
        onClose={() => {
          setDialogue(null);
          setMarked([]);
        }}
      />
      <TicketForm
        open={dialogue === "ticket"}
        me={me}
        used={call.used}
        fallback={call.question}
        onClose={() => setDialogue(null)}
      />
    </div>
  );
}
