import { Button, DatePicker, Space, Table } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { get, query, type Report } from "./client";
import { useLoaded } from "./hooks";
import { CHANNELS } from "./texts";
import { lasting, share } from "./values";

type Row = Report["rows"][number];
type Counted = Report["most_asked"];

/** Load, waiting, who answered, what was asked; numbers under every picture. */
export function Figures() {
  const [period, setPeriod] = useState<[Dayjs, Dayjs]>([dayjs().subtract(6, "day"), dayjs()]);
  const asked = query({
    since: period[0].format("YYYY-MM-DD"),
    until: period[1].format("YYYY-MM-DD"),
  });
  const report = useLoaded(() => get<Report>(`/figures${asked}`), asked).value;
  const rows = report?.rows ?? [];
  const sum = (name: keyof Row) => rows.reduce((all, row) => all + Number(row[name] ?? 0), 0);
  const questions = sum("questions");
  const liked = sum("liked");
  return (
    <div className="column">
      <Space wrap>
        <DatePicker.RangePicker
          aria-label="时间"
          value={period}
          allowClear={false}
          onChange={(days) => days?.[0] && days[1] && setPeriod([days[0], days[1]])}
        />
        <Button href={`/desk/api/figures.csv${asked}`} download>
          导出
        </Button>
      </Space>
      {report && (
        <>
          <div className="numbers">
            <Number_ name="对话" value={sum("conversations")} />
            <Number_ name="提问" value={questions} />
            <Number_ name="自动答复" value={share(sum("by_bot"), questions)} />
            <Number_ name="转人工" value={share(sum("handed_over"), questions)} />
            <Number_ name="没有答上" value={share(sum("unanswered"), questions)} />
            <Number_ name="好评" value={share(liked, liked + sum("disliked"))} />
            <Number_ name="接待" value={report.accepted} />
            <Number_ name="等人工（中位）" value={lasting(report.waited)} />
            <Number_ name="最长等待" value={lasting(report.longest_wait)} />
            <Number_ name="工单 / 未办结" value={`${report.tickets} / ${report.open_tickets}`} />
            <Number_ name="满意度" value={report.satisfaction ?? "—"} />
          </div>
          <section className="panel" aria-label="按日和渠道">
            <h2>按日和渠道</h2>
            {/* Reached by the keyboard too, for it scrolls by itself on a narrow page. */}
            <div className="scrolled" tabIndex={0} role="group" aria-label="各日数字">
              <Table<Row>
                size="small"
                rowKey={(row) => row.day + row.channel}
                dataSource={rows}
                pagination={{ pageSize: 31, hideOnSinglePage: true }}
                style={{ minWidth: 900 }}
                columns={[
                  { title: "日期", dataIndex: "day" },
                  { title: "渠道", dataIndex: "channel", render: (v: string) => CHANNELS[v] ?? v },
                  { title: "对话", dataIndex: "conversations" },
                  { title: "提问", dataIndex: "questions" },
                  { title: "自动答复", dataIndex: "by_bot" },
                  { title: "请选择", dataIndex: "unsure" },
                  { title: "没答上", dataIndex: "unanswered" },
                  { title: "转人工", dataIndex: "handed_over" },
                  { title: "人工接待", dataIndex: "by_person" },
                  { title: "赞", dataIndex: "liked" },
                  { title: "踩", dataIndex: "disliked" },
                  { title: "答复用时", dataIndex: "seconds", render: lasting },
                ]}
              />
            </div>
          </section>
          <Bars title="问得最多" rows={report.most_asked} />
          <Bars title="没有答上" rows={report.unanswered} />
          <Bars title="工单类型" rows={report.by_kind} />
        </>
      )}
    </div>
  );
}

function Number_({ name, value }: { name: string; value: string | number }) {
  return (
    <div className="number">
      <b>{value}</b>
      <span className="small">{name}</span>
    </div>
  );
}

function Bars({ title, rows }: { title: string; rows: Counted }) {
  const most = Math.max(1, ...rows.map((row) => row.count));
  return (
    <section className="panel" aria-label={title}>
      <h2>{title}</h2>
      {rows.length === 0 && <span className="small">没有</span>}
      <div className="bars">
        {rows.map((row) => (
          <Bar key={row.name} {...row} most={most} />
        ))}
      </div>
    </section>
  );
}

function Bar({ name, count, most }: { name: string; count: number; most: number }) {
  return (
    <>
      <span>{name}</span>
      <span>
        <span
          className="bar"
          style={{ display: "block", width: `${(count / most) * 100}%` }}
          aria-hidden="true"
        />
      </span>
      <span>{count}</span>
    </>
  );
}
