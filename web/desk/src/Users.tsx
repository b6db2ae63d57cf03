import { App, Button, Form, Input, Modal, Select, Space, Table, Typography } from "antd";
import { useState } from "react";
import { type Link, list, type Lists, post, type User } from "./client";
import { useFailure, useLoaded } from "./hooks";
import { AUDIT, ROLES } from "./texts";
import { when } from "./values";

type Audited = Lists["/audit"]["items"][number];

const roles = Object.entries(ROLES).map(([value, label]) => ({ value, label }));

/** Users and the audit log. */
export function Users() {
  const users = useLoaded(() => list("/users"), "users");
  const audit = useLoaded(() => list("/audit"), "audit");
  const [link, setLink] = useState<Link | null>(null);
  const [form] = Form.useForm<{ name: string; display: string; role: string }>();
  const { message } = App.useApp();
  const fail = useFailure();

  async function run(work: () => Promise<unknown>) {
    try {
      await work();
      void message.success("已保存");
    } catch (error) {
      fail(error);
    }
    users.reload();
    audit.reload();
  }
  const change = (user: User, body: object) => run(() => post(`/users/${user.id}`, body));
  const settle = (user: User, identity: string, linked: boolean) =>
    run(() => post(`/users/${user.id}/identity`, { identity, linked }));
  return (
    <div className="column">
      <section className="panel" aria-label="用户">
        <h2>用户</h2>
        <Table<User>
          size="small"
          rowKey="id"
          pagination={false}
          scroll={{ x: 800 }}
          dataSource={users.value?.items ?? []}
          columns={[
            { title: "用户名", dataIndex: "name" },
            { title: "显示为", dataIndex: "display" },
            {
              title: "角色",
              render: (_, user) => (
                <Select
                  aria-label={`${user.name}的角色`}
                  size="small"
                  value={user.role}
                  options={roles}
                  onChange={(role: string) => void change(user, { role })}
                />
              ),
            },
            { title: "密码", render: (_, user) => (user.has_password ? "已设" : "未设") },
            { title: "验证器", render: (_, user) => (user.has_code ? "已设" : "未设") },
            {
              title: "单位帐号",
              render: (_, user) => (
                <Space orientation="vertical" size={4}>
                  {user.identities.map((one) => (
                    <Space key={one.id} size={4} wrap>
                      <span>{one.linked ? one.called : `${one.called} 请求关联`}</span>
                      {!one.linked && (
                        <Button size="small" onClick={() => void settle(user, one.id, true)}>
                          是本人
                        </Button>
                      )}
                      <Button size="small" onClick={() => void settle(user, one.id, false)}>
                        {one.linked ? "解除" : "不是"}
                      </Button>
                    </Space>
                  ))}
                </Space>
              ),
            },
            {
              title: "",
              render: (_, user) => (
                <Space>
                  <Button
                    size="small"
                    onClick={() =>
                      void run(async () => setLink(await post<Link>(`/users/${user.id}/link`)))
                    }
                  >
                    新链接
                  </Button>
                  {user.has_code && (
                    <Button size="small" onClick={() => void change(user, { reset_code: true })}>
                      重置验证器
                    </Button>
                  )}
                  <Button size="small" onClick={() => void change(user, { active: !user.active })}>
                    {user.active ? "停用" : "启用"}
                  </Button>
                </Space>
              ),
            },
          ]}
        />
        <Form
          form={form}
          layout="inline"
          style={{ marginTop: 8 }}
          initialValues={{ role: "operator" }}
          onFinish={(values) =>
            void run(async () => {
              setLink(await post<Link>("/users", values));
              form.resetFields();
            })
          }
        >
          <Form.Item
            name="name"
            label="用户名"
            rules={[
              {
                required: true,
                pattern: /^[a-z0-9][a-z0-9._-]{1,31}$/,
                message: "小写字母、数字，2 到 32 位",
              },
            ]}
          >
            <Input autoComplete="off" />
          </Form.Item>
          <Form.Item name="display" label="显示为" rules={[{ required: true, whitespace: true }]}>
            <Input maxLength={30} autoComplete="off" />
          </Form.Item>
          <Form.Item name="role" label="角色">
            <Select options={roles} style={{ width: 110 }} />
          </Form.Item>
          <Button htmlType="submit">新增</Button>
        </Form>
      </section>
      <section className="panel" aria-label="审计记录">
        <h2>审计记录</h2>
        <Table<Audited>
          size="small"
          rowKey={(line) => `${line.at}${line.who}${line.what}`}
          pagination={{ pageSize: 20 }}
          dataSource={audit.value?.items ?? []}
          columns={[
            { title: "时间", dataIndex: "at", render: when },
            { title: "谁", dataIndex: "who" },
            { title: "做了什么", dataIndex: "what", render: (what: string) => AUDIT[what] ?? what },
            {
              title: "详情",
              render: (_, line) =>
                Object.entries(line.detail)
                  .map(([name, value]) => `${name}: ${String(value)}`)
                  .join("，"),
            },
          ]}
        />
      </section>
      <Modal open={!!link} title="一次性链接" footer={null} onCancel={() => setLink(null)}>
        {link && (
          <>
            <p>请把下面的链接当面或用可靠的方式交给本人，{link.hours} 小时内有效，只能用一次。</p>
            <Typography.Paragraph copyable code>
              {location.origin + link.path}
            </Typography.Paragraph>
          </>
        )}
      </Modal>
    </div>
  );
}
