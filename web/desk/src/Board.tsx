import { App, Button, Form, Input, InputNumber, Table } from "antd";
import { list, type Lists, type Me, post } from "./client";
import { type Live, useFailure, useLoaded, useNews } from "./hooks";
import { STATES } from "./texts";
import { when } from "./values";

type Correction = Lists["/corrections"]["items"][number];
type Canned = Lists["/canned"]["items"][number];
type Notice = Lists["/notices"]["items"][number];

/** Notices, canned replies, reports of wrong records. */
export function Board({ me, live }: { me: Me; live: Live }) {
  const notices = useLoaded(() => list("/notices"), "notices");
  const canned = useLoaded(() => list("/canned"), "canned");
  const corrections = useLoaded(() => list("/corrections"), "corrections");
  const { message } = App.useApp();
  const fail = useFailure();
  const reload = () => [notices, canned, corrections].forEach((one) => one.reload());
  useNews(live, ["board"], reload);
  const head = me.role === "supervisor" || me.role === "administrator";
  const edits = me.role === "editor" || me.role === "administrator";
  const [notice] = Form.useForm<{ text: string; hours: number }>();
  const [reply] = Form.useForm<{ title: string; text: string }>();

  async function send(path: string, body?: unknown): Promise<boolean> {
    try {
      await post(path, body);
      void message.success("已保存");
      reload();
      return true;
    } catch (error) {
      fail(error);
      return false;
    }
  }
  return (
    <div className="column">
      <section className="panel" aria-label="紧急通知">
        <h2>紧急通知</h2>
        <Table<Notice>
          size="small"
          rowKey="id"
          pagination={false}
          dataSource={notices.value?.items ?? []}
          columns={[
            { title: "内容", dataIndex: "text" },
            { title: "到", dataIndex: "until", render: when },
            { title: "发布", dataIndex: "who" },
            {
              title: "",
              render: (_, one) =>
                head && (
                  <Button size="small" onClick={() => void send(`/notices/${one.id}/end`)}>
                    撤下
                  </Button>
                ),
            },
          ]}
        />
        {head && (
          <Form
            form={notice}
            layout="inline"
            style={{ marginTop: 8 }}
            initialValues={{ hours: 24 }}
            onFinish={(values) =>
              void send("/notices", values).then((done) => done && notice.resetFields())
            }
          >
            <Form.Item name="text" label="通知" rules={[{ required: true, whitespace: true }]}>
              <Input maxLength={300} style={{ width: 360 }} />
            </Form.Item>
            <Form.Item name="hours" label="小时" rules={[{ required: true }]}>
              <InputNumber min={1} max={720} precision={0} />
            </Form.Item>
            <Button htmlType="submit">发布</Button>
          </Form>
        )}
      </section>
      <section className="panel" aria-label="常用语">
        <h2>常用语</h2>
        <Table<Canned>
          size="small"
          rowKey="id"
          pagination={false}
          dataSource={canned.value?.items ?? []}
          columns={[
            { title: "名称", dataIndex: "title", width: 160 },
            { title: "内容", dataIndex: "text" },
            {
              title: "",
              width: 80,
              render: (_, one) =>
                (head || edits) && (
                  <Button size="small" onClick={() => void send(`/canned/${one.id}/remove`)}>
                    删除
                  </Button>
                ),
            },
          ]}
        />
        {(head || edits) && (
          <Form
            form={reply}
            layout="inline"
            style={{ marginTop: 8 }}
            onFinish={(values) =>
              void send("/canned", values).then((done) => done && reply.resetFields())
            }
          >
            <Form.Item name="title" label="名称" rules={[{ required: true, whitespace: true }]}>
              <Input maxLength={40} />
            </Form.Item>
            <Form.Item name="text" label="内容" rules={[{ required: true, whitespace: true }]}>
              <Input.TextArea rows={2} maxLength={4000} style={{ width: 360 }} />
            </Form.Item>
            <Button htmlType="submit">新增</Button>
          </Form>
        )}
      </section>
      <section className="panel" aria-label="纠错">
        <h2>纠错</h2>
        <Table<Correction>
          size="small"
          rowKey="id"
          pagination={{ pageSize: 20, hideOnSinglePage: true }}
          dataSource={corrections.value?.items ?? []}
          columns={[
            { title: "条款或事项", dataIndex: "subject" },
            { title: "说明", dataIndex: "text" },
            { title: "报告", render: (_, one) => `${one.who} ${when(one.at)}` },
            { title: "状态", render: (_, one) => STATES[one.state] ?? one.state },
            {
              title: "",
              render: (_, one) =>
                edits &&
                one.state === "open" && <Settle path={`/corrections/${one.id}`} {...{ send }} />,
            },
          ]}
        />
      </section>
    </div>
  );
}

/** Accept or decline. */
export function Settle(props: {
  path: string;
  send: (path: string, body: unknown) => Promise<boolean>;
}) {
  return (
    <>
      <Button size="small" onClick={() => void props.send(props.path, { accepted: true })}>
        采纳
      </Button>{" "}
      <Button size="small" onClick={() => void props.send(props.path, { accepted: false })}>
        不采纳
      </Button>
    </>
  );
}
