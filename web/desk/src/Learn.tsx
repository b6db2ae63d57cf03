import { App, Button, Input, Modal, Space, Table } from "antd";
import { useState } from "react";
import { Settle } from "./Board";
import { get, type LearnList, list, type Lists, type Me, post } from "./client";
import { type Live, useFailure, useLoaded, useNews } from "./hooks";
import { REASONS, STATES } from "./texts";
import { when } from "./values";

type Group = LearnList["items"][number];
type Proposal = Lists["/proposals"]["items"][number];

/** What went wrong, and the questions proposed for it. */
export function Learn({ me, live }: { me: Me; live: Live }) {
  const learn = useLoaded(() => get<LearnList>("/learn"), "learn");
  const proposals = useLoaded(() => list("/proposals"), "proposals");
  useNews(live, ["board"], proposals.reload);
  const [picked, setPicked] = useState<Group | null>(null);
  const edits = me.role === "editor" || me.role === "administrator";
  const { message } = App.useApp();
  const fail = useFailure();

  async function send(path: string, body: unknown): Promise<boolean> {
    try {
      await post(path, body);
      void message.success("已保存");
      proposals.reload();
      return true;
    } catch (error) {
      fail(error);
      return false;
    }
  }
  return (
    <div className="column">
      <section className="panel" aria-label="没答好的问题">
        <h2>近 30 天没答好的问题</h2>
        <Table<Group>
          size="small"
          rowKey="question"
          dataSource={learn.value?.items ?? []}
          pagination={{ pageSize: 20, hideOnSinglePage: true }}
          columns={[
            {
              title: "问题",
              render: (_, group) => (
                <>
                  {group.question}
                  {group.examples.slice(1).map((example) => (
                    <div className="small" key={example}>
                      {example}
                    </div>
                  ))}
                </>
              ),
            },
            { title: "次数", dataIndex: "count", width: 70 },
            {
              title: "原因",
              width: 160,
              render: (_, group) =>
                Object.entries(group.reasons)
                  .map(([reason, count]) => `${REASONS[reason] ?? reason} ${count}`)
                  .join("、"),
            },
            {
              title: "",
              width: 110,
              render: (_, group) => (
                <Button size="small" onClick={() => setPicked(group)}>
                  加作问句…
                </Button>
              ),
            },
          ]}
        />
      </section>
      <section className="panel" aria-label="提议的问句">
        <h2>提议的问句</h2>
        <p className="small">采纳后运行 wence kb proposals 写入 policies_kb/questions。</p>
        <Table<Proposal>
          size="small"
          rowKey="id"
          dataSource={proposals.value?.items ?? []}
          pagination={{ pageSize: 20, hideOnSinglePage: true }}
          columns={[
            { title: "问句", dataIndex: "question" },
            { title: "条款", dataIndex: "clause_id" },
            { title: "提议", render: (_, one) => `${one.who} ${when(one.at)}` },
            { title: "状态", render: (_, one) => STATES[one.state] ?? one.state },
            {
              title: "",
              render: (_, one) =>
                edits &&
                one.state === "open" && <Settle path={`/proposals/${one.id}`} {...{ send }} />,
            },
          ]}
        />
      </section>
      {picked && (
        <Propose
          key={picked.question}
          group={picked}
          onClose={() => setPicked(null)}
          onSend={async (body) => {
            if (await send("/proposals", body)) setPicked(null);
          }}
        />
      )}
    </div>
  );
}

function Propose(props: {
  group: Group;
  onClose: () => void;
  onSend: (body: { clause_id: string; question: string }) => void;
}) {
  const [question, setQuestion] = useState(props.group.question.slice(0, 200));
  const [clause, setClause] = useState(props.group.suggested[0]?.clause_id ?? "");
  return (
    <Modal
      open
      title="加作哪一条的问句"
      okText="提议"
      cancelText="取消"
      okButtonProps={{ disabled: !question.trim() || !clause.trim() }}
      onOk={() => props.onSend({ clause_id: clause.trim(), question: question.trim() })}
      onCancel={props.onClose}
    >
      <Space orientation="vertical" style={{ width: "100%" }}>
        <Input
          aria-label="问句"
          maxLength={200}
          value={question}
          onChange={(event) => setQuestion(event.target.value)}
        />
        {props.group.suggested.map((one) => (
          <Button
            key={one.clause_id}
            type={one.clause_id === clause ? "primary" : "default"}
            block
            style={{ whiteSpace: "normal", height: "auto", textAlign: "left" }}
            onClick={() => setClause(one.clause_id)}
          >
            {one.caption}
          </Button>
        ))}
        <Input
          aria-label="条款编号"
          placeholder="或直接写条款编号"
          maxLength={100}
          value={clause}
          onChange={(event) => setClause(event.target.value)}
        />
      </Space>
    </Modal>
  );
}
