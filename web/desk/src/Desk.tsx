import { Alert, App, Badge, Button, Modal, Spin, Switch, Tabs } from "antd";
import { useCallback, useEffect, useMemo, useState } from "react";
import { Board } from "./Board";
import { Caller } from "./Caller";
import { ApiError, get, list, type Me, post } from "./client";
import { Door } from "./Door";
import { Figures } from "./Figures";
import { Live, useFailure, useKeys, useLoaded, useNews } from "./hooks";
import { Learn } from "./Learn";
import { alert, retitle } from "./alerts";
import { Reminders } from "./Reminders";
import { Talks } from "./Talks";
import { BRAND, KEYS, ROLES } from "./texts";
import { Tickets } from "./Tickets";
import { Users } from "./Users";

type Inside = "unknown" | "outside" | "half" | "inside";

/** The whole desk: the door, then the tabs that a role may see. */
export function Desk() {
  const [inside, setInside] = useState<Inside>("unknown");
  const [me, setMe] = useState<Me | null>(null);
  const fail = useFailure();
  const enter = useCallback(() => {
    get<Me>("/me").then(
      (found) => {
        setMe(found);
        setInside("inside");
      },
      (error: unknown) => {
        if (!(error instanceof ApiError) || error.status !== 401) fail(error);
        setInside(error instanceof ApiError && error.code === "code_needed" ? "half" : "outside");
      },
    );
  }, [fail]);
  useEffect(enter, [enter]);
  if (inside === "unknown") return <Spin fullscreen />;
  if (inside !== "inside" || !me) return <Door begun={inside === "half"} onOpen={enter} />;
  return <Room me={me} onMe={setMe} onOut={() => setInside("outside")} />;
}

function Room({ me, onMe, onOut }: { me: Me; onMe: (me: Me) => void; onOut: () => void }) {
  const [tab, setTab] = useState("caller");
  const [online, setOnline] = useState(true);
  const [help, setHelp] = useState(false);
  const [ticket, setTicket] = useState<string | null>(null);
  const { message } = App.useApp();
  const fail = useFailure();
  const live = useMemo(() => new Live(setOnline, onOut), [onOut]);
  useEffect(() => {
    live.start();
    return () => live.stop();
  }, [live]);

  const talks = useLoaded(() => list("/talks"), "talks");
  const may = me.role !== "editor";
  const head = me.role === "supervisor" || me.role === "administrator";
  useNews(live, ["queue"], talks.reload);
  const items = useMemo(() => talks.value?.items ?? [], [talks.value]);
  const waiting = items.filter((talk) => !talk.holder).length;
  useEffect(() => {
    retitle(BRAND, waiting);
    if (me.free && waiting) alert(waiting);
  }, [waiting, me.free]);

  const notices = useLoaded(() => list("/notices"), "notices");
  useNews(live, ["board"], notices.reload);

  const tabs = [
    { key: "caller", label: "接听" },
    may && {
      key: "talks",
      label: (
        <Badge count={waiting} offset={[10, 0]}>
          在线接待
        </Badge>
      ),
    },
    { key: "tickets", label: "工单" },
    { key: "board", label: "通知与纠错" },
    (head || me.role === "editor") && { key: "learn", label: "学习" },
    head && { key: "figures", label: "统计" },
    me.role === "administrator" && { key: "users", label: "用户" },
  ].filter((one) => one !== false);

  useEffect(() => {
    function down(event: KeyboardEvent) {
      const place = event.altKey && /^[1-9]$/.test(event.key) ? Number(event.key) - 1 : -1;
      const wanted = tabs[place];
      if (!wanted) return;
      event.preventDefault();
      setTab(wanted.key);
    }
    window.addEventListener("keydown", down);
    return () => window.removeEventListener("keydown", down);
  });
  useKeys({ "?": () => setHelp(true) }, true);

  async function free(value: boolean) {
    try {
      await post("/free", { free: value });
      onMe({ ...me, free: value });
      if (value && "Notification" in window) void Notification.requestPermission();
      void message.success(value ? "开始接待，有人等时会提醒您" : "已停止接待");
    } catch (error) {
      fail(error);
    }
  }

  return (
    <div className="desk">
      <header className="head">
        <span className="brand">{BRAND}</span>
        <nav className="tabs" aria-label="页签">
          <Tabs activeKey={tab} onChange={setTab} items={tabs} />
        </nav>
        <div className="who">
          {may && (
            <Switch
              checked={me.free}
              onChange={(value) => void free(value)}
              checkedChildren="接待中"
              unCheckedChildren="不接待"
              aria-label="接待在线用户"
            />
          )}
          <span>
            {me.display}（{ROLES[me.role]}）
          </span>
          <Reminders
            live={live}
            onOpen={(id) => {
              setTab("tickets");
              setTicket(id);
            }}
          />
          <Button size="small" onClick={() => setHelp(true)}>
            按键 ?
          </Button>
          <Button size="small" onClick={() => void post("/sign-out").then(onOut, fail)}>
            退出
          </Button>
        </div>
      </header>
      {!online && <Alert banner type="warning" title="与服务的连接断了，正在重连…" />}
      {(notices.value?.items ?? []).map((notice) => (
        <Alert key={notice.id} banner type="error" title={`紧急通知：${notice.text}`} />
      ))}
      <main className="body">
        <div hidden={tab !== "caller"}>
          <Caller me={me} active={tab === "caller"} />
        </div>
        {tab === "talks" && <Talks me={me} live={live} talks={items} onChange={talks.reload} />}
        {tab === "tickets" && <Tickets me={me} live={live} open={ticket} onOpen={setTicket} />}
        {tab === "board" && <Board me={me} live={live} />}
        {tab === "learn" && <Learn me={me} live={live} />}
        {tab === "figures" && <Figures />}
        {tab === "users" && <Users />}
      </main>
      <footer className="foot">
        {me.reminder} 判断日期 {me.as_of}，知识库版本 {me.kb_version}。
      </footer>
      <Modal open={help} title="按键" footer={null} onCancel={() => setHelp(false)}>
        <table>
          <tbody>
            {KEYS.map(([key, what]) => (
              <tr key={key}>
                <th scope="row" style={{ textAlign: "left", paddingRight: 24 }}>
                  <kbd>{key}</kbd>
                </th>
                <td>{what}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Modal>
    </div>
  );
}
