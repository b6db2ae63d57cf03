import { App, Badge, Button, Drawer } from "antd";
import { useEffect, useMemo, useState } from "react";
import { list, type Reminder } from "./client";
import { type Live, useLoaded, useNews } from "./hooks";
import { remind, unheard } from "./alerts";
import { WHY } from "./texts";
import { when } from "./values";

const keyOf = ({ why, ticket }: Reminder) =>
  `${ticket.id} ${why} ${why === "call" ? ticket.call_at : ticket.due_on}`;

/** What the operator must see to now: a number in sight, a list at hand, one alert for each. */
export function Reminders({ live, onOpen }: { live: Live; onOpen: (ticket: string) => void }) {
  const [shown, setShown] = useState(false);
  const { notification } = App.useApp();
  const loaded = useLoaded(() => list("/reminders"), "reminders");
  useNews(live, ["tickets", "reminders"], loaded.reload);
  const items = useMemo(() => loaded.value?.items ?? [], [loaded.value]);

  useEffect(() => {
    if (!loaded.value) return;
    const fresh = new Set(unheard(items.map(keyOf)));
    const news = items.filter((one) => fresh.has(keyOf(one)));
    const [first] = news;
    if (!first) return;
    const title =
      news.length > 1
        ? `有${news.length}张工单该办了`
        : `${WHY[first.why]}：${first.ticket.number}`;
    notification.warning({
      key: "reminders",
      placement: "bottomRight", // above nothing that an operator needs
      title,
      description: first.ticket.topic,
      actions: (
        <Button
          size="small"
          onClick={() => {
            notification.destroy("reminders");
            setShown(true);
          }}
        >
          看提醒
        </Button>
      ),
    });
    remind(title, first.ticket.topic);
  }, [loaded.value, items, notification]);

  return (
    <>
      <Badge count={items.length} size="small">
        <Button size="small" onClick={() => setShown(true)}>
          提醒
        </Button>
      </Badge>
      <Drawer open={shown} title="该办的工单" size={420} onClose={() => setShown(false)}>
        {items.length === 0 && <p>现在没有到期的工单，也没有到时间的回电。</p>}
        {items.map((one) => (
          <button
            key={keyOf(one)}
            type="button"
            className="result"
            onClick={() => {
              setShown(false);
              onOpen(one.ticket.id);
            }}
          >
            <span className={`badge ${one.why === "today" ? "warn" : "bad"}`}>{WHY[one.why]}</span>{" "}
            <span className="name">{one.ticket.number}</span>
            <div className="topic">{one.ticket.topic}</div>
            <div className="small">
              {one.ticket.call_at && `回电时间 ${when(one.ticket.call_at)} `}
              {one.ticket.due_on && `期限 ${one.ticket.due_on}`}
            </div>
          </button>
        ))}
      </Drawer>
    </>
  );
}
