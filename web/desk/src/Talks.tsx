import { App, Button, Empty, Input, Modal, Select, Space } from "antd";
import { useCallback, useEffect, useRef, useState } from "react";
import { type Answers, type EntryList, get, list, type Me, post, type Talk } from "./client";
import { type Live, useFailure, useLoaded, useNews } from "./hooks";
import { CHANNELS, UNDERSTOOD } from "./texts";
import { TicketForm } from "./TicketForm";
import { since, when } from "./values";

type Props = { me: Me; live: Live; talks: Talk[]; onChange: () => void };
type Line = { at: string; who: string; text: string; kind: "entry" | "note"; hint: string };

/** The queue, and one conversation: accept, answer, note, pass on, give back. */
export function Talks({ me, live, talks, onChange }: Props) {
  const [picked, setPicked] = useState<string | null>(null);
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, []);
  const waiting = talks.filter((talk) => !talk.holder);
  const mine = talks.filter((talk) => talk.holder === me.name);
  const others = talks.filter((talk) => talk.holder && talk.holder !== me.name);
  return (
    <div className="column talks">
      <section className="panel" aria-label="对话列表">
        <Group
          title={`等人工（${waiting.length}）`}
          talks={waiting}
          {...{ now, picked, setPicked }}
        />
        <Group title={`我的（${mine.length}）`} talks={mine} {...{ now, picked, setPicked }} />
        {others.length > 0 && (
          <Group
            title={`同事的（${others.length}）`}
            talks={others}
            {...{ now, picked, setPicked }}
          />
        )}
      </section>
      <section className="panel" aria-label="对话">
        {picked ? (
          <Conversation key={picked} id={picked} me={me} live={live} onChange={onChange} />
        ) : (
          <Empty description="选一个对话" />
        )}
      </section>
    </div>
  );
}

function Group(props: {
  title: string;
  talks: Talk[];
  now: number;
  picked: string | null;
  setPicked: (id: string) => void;
}) {
  return (
    <>
      <h3>{props.title}</h3>
      {props.talks.map((talk) => (
        <button
          type="button"
          className="result"
          key={talk.id}
          aria-current={talk.id === props.picked}
          onClick={() => props.setPicked(talk.id)}
        >
          <span className="name">{CHANNELS[talk.channel] ?? talk.channel}</span>{" "}
          <span className="small">
            {talk.waiting_since ? `已等${since(talk.waiting_since, props.now)}` : talk.holder}
          </span>
          <br />
          <span>{talk.last.slice(0, 40)}</span>
        </button>
      ))}
    </>
  );
}

function lines(seen: EntryList): Line[] {
  const said = seen.entries.map((entry): Line => {
    const found = entry.understood as {
      type: string;
      programme: string | null;
      clauses: string[];
    } | null;
    const about = found?.programme ?? found?.clauses[0] ?? "";
    return {
      at: entry.at,
      who: entry.author,
      text: entry.text,
      kind: "entry",
      hint: found ? `机器人：${UNDERSTOOD[found.type] ?? found.type}${about && `，${about}`}` : "",
    };
  });
  const notes = seen.notes.map((note): Line => ({
    at: note.at,
    who: note.who,
    text: note.text,
    kind: "note",
    hint: "",
  }));
  return [...said, ...notes].sort((one, other) => one.at.localeCompare(other.at));
}

function Conversation({
  id,
  me,
  live,
  onChange,
}: {
  id: string;
  me: Me;
  live: Live;
  onChange: () => void;
}) {
  const [seen, setSeen] = useState<EntryList | null>(null);
  const [text, setText] = useState("");
  const [clauses, setClauses] = useState<{ id: string; name: string }[]>([]);
  const [dialogue, setDialogue] = useState<"note" | "pass" | "clause" | "ticket" | null>(null);
  const bottom = useRef<HTMLDivElement>(null);
  const last = useRef(0);
  const { message } = App.useApp();
  const fail = useFailure();
  const canned = useLoaded(() => list("/canned"), "canned");

  const look = useCallback(() => {
    get<EntryList>(`/talks/${id}?after=${last.current}`).then((more) => {
      setSeen((before) => {
        const known = new Set(before?.entries.map((entry) => entry.position));
        const fresh = more.entries.filter((entry) => !known.has(entry.position));
        return { ...more, entries: [...(before?.entries ?? []), ...fresh] };
      });
      last.current = Math.max(last.current, ...more.entries.map((entry) => entry.position));
    }, fail);
  }, [id, fail]);
  useEffect(() => {
    look();
    live.watch(id);
    return () => live.watch(null);
  }, [id, live, look]);
  useNews(live, ["talk", "queue"], look);
  const count = (seen?.entries.length ?? 0) + (seen?.notes.length ?? 0);
  useEffect(() => {
    bottom.current?.scrollIntoView({ block: "nearest" });
  }, [count]);

  async function act(path: string, body: unknown, done: string) {
    try {
      await post(`/talks/${id}${path}`, body);
      void message.success(done);
      setDialogue(null);
    } catch (error) {
      fail(error);
    }
    onChange();
    look();
  }
  async function say() {
    if (!text.trim()) return;
    try {
      await post(`/talks/${id}/say`, { text: text.trim(), clauses: clauses.map((one) => one.id) });
      setText("");
      setClauses([]);
      look();
    } catch (error) {
      fail(error);
    }
  }

  if (!seen) return null;
  const talk = seen.talk;
  const holding = talk.holder === me.name;
  return (
    <>
      <Space wrap>
        {!talk.holder && talk.waiting_since && (
          <Button type="primary" onClick={() => void act("/accept", undefined, "已接待")}>
            接待
          </Button>
        )}
        <Button onClick={() => setDialogue("note")}>内部备注</Button>
        <Button onClick={() => setDialogue("ticket")}>登记工单</Button>
        {holding && <Button onClick={() => setDialogue("pass")}>转给同事</Button>}
        {holding && (
          <Button onClick={() => void act("/hand", { to: "queue" }, "已放回队列")}>放回队列</Button>
        )}
        {holding && (
          <Button danger onClick={() => void act("/hand", { to: "bot" }, "已交还机器人")}>
            结束，交还机器人
          </Button>
        )}
      </Space>
      <p className="small">
        {CHANNELS[talk.channel] ?? talk.channel}
        {talk.holder ? `，${talk.holder}接待中，机器人不说话` : "，没有人接待"}
      </p>
      <div className="lines" role="log" aria-label="对话内容" tabIndex={0}>
        {lines(seen).map((line) => (
          <div key={`${line.at}${line.who}${line.text}`} className={classOf(line)}>
            <div className="small">
              {line.kind === "note" ? `内部备注 ${line.who}` : nameOf(line.who)} {when(line.at)}
            </div>
            {line.text}
            {line.hint && <div className="small">{line.hint}</div>}
          </div>
        ))}
        <div ref={bottom} />
      </div>
      {holding && (
        <>
          <Space wrap style={{ margin: "8px 0" }}>
            <Select
              aria-label="常用语"
              placeholder="常用语"
              style={{ width: 180 }}
              value={null}
              options={(canned.value?.items ?? []).map((one) => ({
                value: one.id,
                label: one.title,
              }))}
              onChange={(wanted: string) => {
                const found = canned.value?.items.find((one) => one.id === wanted);
                if (found) setText((before) => (before ? `${before}\n${found.text}` : found.text));
              }}
            />
            <Button onClick={() => setDialogue("clause")}>插入条款</Button>
            {clauses.map((one) => (
              <Button
                key={one.id}
                size="small"
                aria-label={`去掉${one.name}`}
                onClick={() => setClauses(clauses.filter((other) => other.id !== one.id))}
              >
                {one.name} ✕
              </Button>
            ))}
          </Space>
          <Input.TextArea
            aria-label="给用户的答复"
            placeholder="答复，Ctrl+Enter 发送"
            rows={3}
            maxLength={4000}
            value={text}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void say();
            }}
          />
          <p>
            <Button type="primary" disabled={!text.trim()} onClick={() => void say()}>
              发送
            </Button>
          </p>
        </>
      )}
      <NoteDialogue
        open={dialogue === "note"}
        onClose={() => setDialogue(null)}
        onSave={(words) => void act("/note", { text: words }, "已记下，用户看不到")}
      />
      <PassDialogue
        open={dialogue === "pass"}
        me={me}
        onClose={() => setDialogue(null)}
        onPass={(name) => void act("/hand", { to: "user", name }, "已转交")}
      />
      <ClauseDialogue
        open={dialogue === "clause"}
        onClose={() => setDialogue(null)}
        onPick={(one) => {
          setClauses((before) => [...before.filter((other) => other.id !== one.id), one]);
          setDialogue(null);
        }}
      />
      <TicketForm
        open={dialogue === "ticket"}
        me={me}
        used={NOTHING}
        fallback={talk.last}
        talk={id}
        onClose={() => setDialogue(null)}
      />
    </>
  );
}

const NOTHING: never[] = [];

function classOf(line: Line): string {
  if (line.kind === "note") return "line note";
  if (line.who === "person") return "line person";
  return line.who === "bot" ? "line" : "line mine";
}

function nameOf(author: string): string {
  return { person: "用户", bot: "机器人" }[author] ?? author;
}

function NoteDialogue(props: {
  open: boolean;
  onClose: () => void;
  onSave: (words: string) => void;
}) {
  const [words, setWords] = useState("");
  return (
    <Modal
      open={props.open}
      title="内部备注（用户看不到）"
      okText="记下"
      cancelText="取消"
      okButtonProps={{ disabled: !words.trim() }}
      onOk={() => {
        props.onSave(words.trim());
        setWords("");
      }}
      onCancel={props.onClose}
    >
      <Input.TextArea
        aria-label="备注"
        rows={3}
        maxLength={1000}
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
    </Modal>
  );
}

function PassDialogue(props: {
  open: boolean;
  me: Me;
  onClose: () => void;
  onPass: (name: string) => void;
}) {
  const users = useLoaded(() => list("/users"), String(props.open));
  const others = (users.value?.items ?? []).filter(
    (user) => user.active && user.role !== "editor" && user.name !== props.me.name,
  );
  return (
    <Modal open={props.open} title="转给同事" footer={null} onCancel={props.onClose}>
      {others.map((user) => (
        <p key={user.id}>
          <Button onClick={() => props.onPass(user.name)}>
            {user.display}
            {user.present ? "（在线）" : "（不在线）"}
          </Button>
        </p>
      ))}
      {!others.length && "没有别的同事"}
    </Modal>
  );
}

function ClauseDialogue(props: {
  open: boolean;
  onClose: () => void;
  onPick: (one: { id: string; name: string }) => void;
}) {
  const [answers, setAnswers] = useState<Answers | null>(null);
  const fail = useFailure();
  return (
    <Modal open={props.open} title="插入条款" footer={null} width={720} onCancel={props.onClose}>
      <Input.Search
        autoFocus
        aria-label="找条款"
        placeholder="找哪一条"
        maxLength={500}
        onSearch={(q) => {
          if (q.trim()) post<Answers>("/search", { q: q.trim() }).then(setAnswers, fail);
        }}
      />
      {(answers?.clauses ?? []).map((clause) => (
        <button
          type="button"
          className="result"
          key={clause.clause_id}
          onClick={() =>
            props.onPick({ id: clause.clause_id, name: `${clause.doc_no}${clause.locator}` })
          }
        >
          <span className="name">
            {clause.doc_no} {clause.locator}
          </span>
          <br />
          {clause.text.slice(0, 80)}
        </button>
      ))}
    </Modal>
  );
}
