import { Alert, Button, Card, Divider, Form, Input, QRCode, Typography } from "antd";
import { useEffect, useState } from "react";
import { ApiError, type Enrolment, get, post, type Ways } from "./client";
import { BRAND, REFUSALS } from "./texts";

type Stage = "password" | "code" | "enrol" | "link";
type Answer = { stage: "code" | "enrol" | "open" };

/** The one-time link that brought somebody here, if one did. */
function linkOf(hash: string): string | null {
  return /^#\/password\/([\w-]{10,100})$/.exec(hash)?.[1] ?? null;
}

/** Why the identity provider sent somebody back without signing them in. */
function refusalOf(hash: string): string {
  const reason = /^#\/refused\/([a-z_]{1,20})$/.exec(hash)?.[1];
  return reason ? (REFUSALS[reason] ?? "") : "";
}

/** Signing in: password, identity provider or one-time link, then the second factor where the role needs one. */
export function Door({ begun, onOpen }: { begun: boolean; onOpen: () => void }) {
  const [link] = useState(() => linkOf(location.hash));
  const [stage, setStage] = useState<Stage>(link ? "link" : begun ? "code" : "password");
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null);
  const [failure, setFailure] = useState(() => refusalOf(location.hash));
  const [provider, setProvider] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    if (refusalOf(location.hash)) history.replaceState(null, "", location.pathname);
    // Without an answer there is still the password.
    get<Ways>("/ways").then(
      (ways) => setProvider(ways.provider),
      () => undefined,
    );
  }, []);
  useEffect(() => {
    if (!link && !begun) return;
    // After a reload in the middle, only the service knows which half is missing.
    if (begun && !link)
      get<Enrolment>("/enrolment").then(
        (found) => {
          setEnrolment(found);
          setStage("enrol");
        },
        () => undefined,
      );
  }, [begun, link]);

  async function submit(path: string, body: unknown) {
    setBusy(true);
    setFailure("");
    try {
      const answer = await post<Answer>(path, body);
      if (location.hash) history.replaceState(null, "", location.pathname);
      if (answer.stage === "open") return onOpen();
      if (answer.stage === "enrol") setEnrolment(await get<Enrolment>("/enrolment"));
      setStage(answer.stage);
    } catch (error) {
      setFailure(error instanceof ApiError ? error.message : "出错了，请刷新后再试");
      if (error instanceof ApiError && error.code === "not_signed_in") setStage("password");
    } finally {
      setBusy(false);
    }
  }

  const button = (text: string) => (
    <Button type="primary" htmlType="submit" block loading={busy}>
      {text}
    </Button>
  );
  return (
    <main className="door">
      <Card>
        <h1>{BRAND}</h1>
        {failure && <Alert type="error" showIcon title={failure} role="alert" />}
        {stage === "password" && (
          <Form layout="vertical" onFinish={(values) => void submit("/sign-in", values)}>
            <Form.Item name="name" label="用户名" rules={[{ required: true }]}>
              <Input autoFocus autoComplete="username" />
            </Form.Item>
            <Form.Item name="password" label="密码" rules={[{ required: true }]}>
              <Input.Password autoComplete="current-password" />
            </Form.Item>
            {button("登录")}
            {provider && (
              <>
                <Divider plain>或者</Divider>
                <Button block href="/desk/oidc/start">
                  {provider}
                </Button>
              </>
            )}
          </Form>
        )}
        {stage === "link" && (
          <Form
            layout="vertical"
            onFinish={({ password }: { password: string }) =>
              void submit("/password", { link, password })
            }
          >
            <p>请设置登录密码，至少 10 个字符。这个链接只能用一次。</p>
            <Form.Item name="password" label="新密码" rules={[{ required: true, min: 10 }]}>
              <Input.Password autoFocus autoComplete="new-password" />
            </Form.Item>
            <Form.Item
              name="again"
              label="再输一遍"
              dependencies={["password"]}
              rules={[
                { required: true },
                ({ getFieldValue }) => ({
                  validator: (_, value) =>
                    value === getFieldValue("password")
                      ? Promise.resolve()
                      : Promise.reject(new Error("两次输入的不一样")),
                }),
              ]}
            >
              <Input.Password autoComplete="new-password" />
            </Form.Item>
            {button("设置密码")}
          </Form>
        )}
        {(stage === "code" || stage === "enrol") && (
          <Form layout="vertical" onFinish={(values) => void submit("/code", values)}>
            {stage === "enrol" && enrolment && (
              <>
                <p>您的角色需要第二重验证。请用验证器应用扫码，再输入它显示的六位数字。</p>
                <QRCode value={enrolment.uri} type="svg" />
                <Typography.Paragraph copyable={{ text: enrolment.secret }}>
                  扫不了就手工输入：<code>{enrolment.secret}</code>
                </Typography.Paragraph>
              </>
            )}
            <Form.Item
              name="code"
              label="验证码"
              rules={[{ required: true, pattern: /^\d{6}$/, message: "六位数字" }]}
            >
              <Input autoFocus inputMode="numeric" autoComplete="one-time-code" maxLength={6} />
            </Form.Item>
            {button("继续")}
          </Form>
        )}
      </Card>
    </main>
  );
}
