import {
  App,
  Button,
  DatePicker,
  Descriptions,
  Drawer,
  Input,
  Rate,
  Select,
  Space,
  Table,
  Timeline,
} from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { get, list, type Me, post, query, type Ticket, type TicketDetail } from "./client";
import { type Live, useFailure, useLoaded, useNews } from "./hooks";
import { CHANNELS, KINDS, OUTCOMES } from "./texts";
import { fromPicker, toPicker, when } from "./values";

type Page = { items: Ticket[]; next_cursor?: string | null };
type Filter = { q: string; kind: string; outcome: string; whose: "" | "mine" | "due" };

const EVENTS: Record<string, string> = { created: "登记", changed: "修改", note: "备注" };
const FIELDS: Record<string, string> = {
  kind: "类型",
  topic: "诉求",
  answer: "答复",
  outcome: "结果",
  passed_to: "转办单位",
  due_on: "期限",
  call_at: "回电时间",
  satisfaction: "满意度",
  owner: "负责人",
  closed_at: "办结",
  clauses: "条款",
  caller: "联系方式",
};

const options = (names: Record<string, string>) =>
  Object.entries(names).map(([value, label]) => ({ value, label }));

type Props = {
  me: Me;
  live: Live;
  open: string | null;
  onOpen: (ticket: string | null) => void;
};

/** Tickets: found, read, changed, exported. */
export function Tickets({ me, live, open, onOpen }: Props) {
  const [filter, setFilter] = useState<Filter>({ q: "", kind: "", outcome: "", whose: "mine" });
  const [cursors, setCursors] = useState<string[]>([]);
  const asked = query({
    q: filter.q,
    kind: filter.kind,
    outcome: filter.outcome,
    owner: filter.whose === "mine" ? me.name : "",
    due_by: filter.whose === "due" ? dayjs().format("YYYY-MM-DD") : "",
    cursor: cursors.at(-1),
  });
  const page = useLoaded(() => get<Page>(`/tickets${asked}`), asked);
  useNews(live, ["tickets"], page.reload);
  const set = (change: Partial<Filter>) => {
    setFilter((before) => ({ ...before, ...change }));
    setCursors([]);
  };
  const next = page.value?.next_cursor;
  const exports = me.role === "supervisor" || me.role === "administrator";
  return (
    <section className="panel" aria-label="工单">
      <Space wrap>
        <Input.Search
          aria-label="找工单"
          placeholder="诉求、工单号、查询码"
          maxLength={100}
          allowClear
          onSearch={(q) => set({ q })}
        />
        <Select
          aria-label="范围"
          style={{ width: 120 }}
          value={filter.whose}
          options={[
            { value: "mine", label: "我负责的" },
            { value: "due", label: "到期未办结" },
            { value: "", label: "全部" },
          ]}
          onChange={(whose: Filter["whose"]) => set({ whose })}
        />
        <Select
          aria-label="类型"
          style={{ width: 110 }}
          value={filter.kind}
          options={[{ value: "", label: "各类型" }, ...options(KINDS)]}
          onChange={(kind: string) => set({ kind })}
        />
        <Select
          aria-label="结果"
          style={{ width: 110 }}
          value={filter.outcome}
          options={[{ value: "", label: "各结果" }, ...options(OUTCOMES)]}
          onChange={(outcome: string) => set({ outcome })}
        />
        {exports && (
          <Button href={`/desk/api/tickets.csv${asked}`} download>
            导出（号码已遮盖）
          </Button>
        )}
      </Space>
      <div
        className="scrolled"
        style={{ marginTop: 12 }}
        tabIndex={0}
        role="group"
        aria-label="找到的工单"
      >
        <Table<Ticket>
          size="small"
          rowKey="id"
          style={{ minWidth: 1060 }}
          dataSource={page.value?.items ?? []}
          pagination={false}
          columns={[
            {
              title: "工单号",
              dataIndex: "number",
              width: 150,
              render: (number: string, ticket) => (
                <Button type="link" size="small" onClick={() => onOpen(ticket.id)}>
                  {number}
                </Button>
              ),
            },
            { title: "登记", dataIndex: "created_at", render: when, width: 110 },
            { title: "渠道", dataIndex: "channel", render: (v: string) => CHANNELS[v] ?? v },
            { title: "类型", dataIndex: "kind", render: (v: Ticket["kind"]) => KINDS[v] },
            { title: "诉求", dataIndex: "topic", ellipsis: true, width: 320 },
            {
              title: "结果",
              render: (_, ticket) => (ticket.closed_at ? "办结：" : "") + OUTCOMES[ticket.outcome],
            },
            { title: "期限", width: 150, render: (_, ticket) => <Due ticket={ticket} /> },
            { title: "负责人", dataIndex: "owner" },
          ]}
        />
      </div>
      <Space style={{ marginTop: 8 }}>
        <Button disabled={!cursors.length} onClick={() => setCursors(cursors.slice(0, -1))}>
          上一页
        </Button>
        <Button disabled={!next} onClick={() => next && setCursors([...cursors, next])}>
          下一页
        </Button>
      </Space>
      <Drawer open={!!open} title="工单" size={560} onClose={() => onOpen(null)} destroyOnHidden>
        {open && <Detail key={open} id={open} live={live} onChange={page.reload} />}
      </Drawer>
    </section>
  );
}

function Due({ ticket }: { ticket: Ticket }) {
  if (ticket.call_at && !ticket.closed_at) return `回电 ${when(ticket.call_at)}`;
  if (!ticket.due_on) return "—";
  const late = !ticket.closed_at && ticket.due_on < dayjs().format("YYYY-MM-DD");
  return late ? <b>{ticket.due_on}（已过期）</b> : ticket.due_on;
}

function Detail({ id, live, onChange }: { id: string; live: Live; onChange: () => void }) {
  const detail = useLoaded(() => get<TicketDetail>(`/tickets/${id}`), id);
  const users = useLoaded(() => list("/users"), "users");
  const [note, setNote] = useState("");
  const { message } = App.useApp();
  const fail = useFailure();
  const reload = detail.reload;
  useNews(live, ["tickets"], reload);
  if (!detail.value) return null;
  const { ticket, events } = detail.value;

  async function change(values: object) {
    try {
      await post(`/tickets/${id}`, { version: ticket.version, ...values });
      void message.success("已保存");
    } catch (error) {
      fail(error);
    }
    reload();
    onChange();
  }
  async function addNote() {
    try {
      await post(`/tickets/${id}/note`, { text: note.trim() });
      setNote("");
      reload();
    } catch (error) {
      fail(error);
    }
  }
  return (
    <>
      <Descriptions
        size="small"
        column={1}
        bordered
        styles={{ label: { whiteSpace: "nowrap" } }}
        items={[
          { key: "number", label: "工单号", children: ticket.number },
          { key: "query", label: "查询码", children: ticket.query_number },
          { key: "topic", label: "诉求", children: ticket.topic },
          { key: "answer", label: "答复", children: <pre style={WRAP}>{ticket.answer}</pre> },
          { key: "clauses", label: "条款", children: ticket.clauses.join("、") || "—" },
          { key: "caller", label: "联系方式", children: ticket.caller || "没有留" },
          { key: "passed", label: "转办单位", children: ticket.passed_to || "—" },
        ]}
      />
      <Space wrap style={{ margin: "12px 0" }}>
        <Select
          aria-label="结果"
          style={{ width: 110 }}
          value={ticket.outcome}
          options={options(OUTCOMES)}
          onChange={(outcome: string) => void change({ outcome })}
        />
        <DatePicker
          aria-label="期限"
          placeholder="期限"
          value={ticket.due_on ? dayjs(ticket.due_on) : null}
          onChange={(day) => void change({ due_on: day ? day.format("YYYY-MM-DD") : null })}
        />
        <DatePicker
          aria-label="回电时间"
          placeholder="回电时间"
          showTime={{ format: "HH:mm" }}
          format="MM-DD HH:mm"
          value={toPicker(ticket.call_at)}
          onChange={(moment) => void change({ call_at: fromPicker(moment) })}
        />
        <Select
          aria-label="负责人"
          style={{ width: 140 }}
          value={ticket.owner}
          options={(users.value?.items ?? [])
            .filter((user) => user.active)
            .map((user) => ({ value: user.name, label: user.display }))}
          onChange={(owner: string) => void change({ owner })}
        />
        <Rate
          aria-label="满意度"
          value={ticket.satisfaction ?? 0}
          onChange={(satisfaction) => void change({ satisfaction: satisfaction || null })}
        />
        <Button onClick={() => void change({ closed: !ticket.closed_at })}>
          {ticket.closed_at ? "重新打开" : "办结"}
        </Button>
      </Space>
      <Input.TextArea
        aria-label="备注"
        placeholder="备注"
        rows={2}
        maxLength={4000}
        value={note}
        onChange={(event) => setNote(event.target.value)}
      />
      <p>
        <Button disabled={!note.trim()} onClick={() => void addNote()}>
          加备注
        </Button>
      </p>
      <Timeline
        items={events.map((event) => ({
          content: `${when(event.at)} ${event.who} ${EVENTS[event.what] ?? event.what} ${said(event)}`,
        }))}
      />
    </>
  );
}

const WRAP = { whiteSpace: "pre-wrap", margin: 0, font: "inherit" } as const;

function said(event: { what: string; text: string }): string {
  if (event.what !== "changed") return event.text;
  return event.text
    .split("、")
    .map((name) => FIELDS[name] ?? name)
    .join("、");
}
