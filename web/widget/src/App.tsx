import { useEffect, useMemo, useState } from "react";
import { FrameBridge } from "./frame";
import { Composer } from "./parts/Composer";
import { Dialog } from "./parts/Dialog";
import { Footer, noteOf } from "./parts/Footer";
import { Menu } from "./parts/Menu";
import { Messages } from "./parts/Messages";
import { PhoneDialog } from "./parts/Phone";
import { PrivacyGate, PrivacyWords } from "./parts/Privacy";
import { ProfileDialog } from "./parts/ProfileDialog";
import { ReasonDialog } from "./parts/Rating";
import { StartPage } from "./parts/StartPage";
import { save, transcript } from "./parts/transcript";
import type { Start } from "./protocol";
import { call, read } from "./state/service";
import { Store, useSnapshot } from "./state/store";
import { keep, kept, keptVisitor } from "./state/visitor";
import { texts } from "./texts";

type Open = "profile" | "privacy" | "phone" | "forget" | "correct" | null;
const DAYS = 180; // shown until the service has said

/** The whole page. */
export function App() {
  const store = useMemo(() => new Store(), []);
  const snapshot = useSnapshot(store);
  const [start, setStart] = useState<Start | null>(null);
  const [failed, setFailed] = useState(false);
  const [agreed, setAgreed] = useState(kept<boolean>("agreed") === true);
  const [large, setLarge] = useState(kept<boolean>("large") === true);
  const [open, setOpen] = useState<Open>(null);
  const bridge = useBridge(start, store, agreed);
  const note = noteOf(start);
  const { entries } = snapshot.log;

  useEffect(() => {
    read<Start>(call("start"))
      .then(setStart)
      .catch(() => setFailed(true));
  }, []);
  useEffect(() => {
    if (!agreed) return;
    document.querySelector("main")?.scrollTo({ top: 0 });
    store.start();
  }, [agreed, store]);
  useEffect(() => {
    document.documentElement.classList.toggle("large", large);
    keep("large", large);
  }, [large]);

  const say = useMemo(() => (text: string) => store.say(text), [store]);
  const rate = useMemo(() => store.rate.bind(store), [store]);
  const agree = (): void => {
    keep("agreed", true);
    setAgreed(true);
  };
  const items = [
    ...(agreed
      ? [
          { name: texts.menu.profile, act: () => setOpen("profile") },
          { name: texts.menu.download, act: () => save(transcript(entries, note, new Date())) },
          { name: texts.menu.print, act: printed },
        ]
      : []),
    { name: large ? texts.menu.normal : texts.menu.large, act: () => setLarge(!large) },
    { name: texts.menu.phone, act: () => setOpen("phone") },
    { name: texts.menu.privacy, act: () => setOpen("privacy") },
    ...(agreed ? [{ name: texts.menu.forget, act: () => setOpen("forget") }] : []),
  ];
  const close = (): void => setOpen(null);
  const last = entries.filter((entry) => entry.author === "bot").at(-1);

  return (
    <div
      className="page"
      onKeyDown={(event) => {
        if (event.key === "Escape" && open === null) bridge?.tell({ wence: "close" });
      }}
    >
      <header>
        <button
          type="button"
          className="skip"
          onClick={() => document.querySelector<HTMLElement>("[data-composer]")?.focus()}
        >
          {texts.skip}
        </button>
        <h1>{texts.title}</h1>
        <Menu items={items} />
        {bridge?.framed && (
          <button type="button" onClick={() => bridge.tell({ wence: "close" })}>
            {texts.menu.close}
          </button>
        )}
      </header>
      <State store={store} agreed={agreed} />
      <main tabIndex={-1}>
        {failed && !start && (
          <p role="alert" className="wrong">
            {texts.errors.start}
          </p>
        )}
        {!agreed && <PrivacyGate days={start?.retention_days ?? DAYS} onAgree={agree} />}
        {agreed && start && entries.length === 0 && <StartPage start={start} say={say} />}
        {agreed && (
          <Messages
            snapshot={snapshot}
            note={note}
            say={say}
            rate={rate}
            again={(message) => store.again(message)}
            drop={(id) => store.drop(id)}
          />
        )}
      </main>
      {agreed && (
        <section className="asking" aria-label={texts.composer.label}>
          <Composer say={say} />
        </section>
      )}
      <Footer
        start={start}
        act={
          agreed
            ? {
                person: () => say(texts.saysPerson),
                complain: () => say(texts.saysComplaint),
                correct: () => setOpen("correct"),
              }
            : null
        }
      />
      {open === "profile" && <ProfileDialog onClose={close} />}
      {open === "phone" && <PhoneDialog onClose={close} />}
      {open === "privacy" && (
        <Dialog title={texts.menu.privacy} onClose={close}>
          <PrivacyWords days={start?.retention_days ?? DAYS} />
        </Dialog>
      )}
      {open === "forget" && (
        <Dialog title={texts.forget.title} onClose={close}>
          <p>{texts.forget.about}</p>
          <p className="actions">
            <button
              type="button"
              className="danger"
              onClick={() => {
                say(texts.saysForget);
                close();
              }}
            >
              {texts.forget.sure}
            </button>
            <button type="button" onClick={close}>
              {texts.forget.cancel}
            </button>
          </p>
        </Dialog>
      )}
      {open === "correct" &&
        (last ? (
          <ReasonDialog
            title={texts.correction.title}
            about={texts.correction.about}
            first={texts.feedback.correction}
            onClose={close}
            onSend={(reason) => {
              rate({ position: last.position, value: "down", reason });
              close();
            }}
          />
        ) : (
          <Dialog title={texts.correction.title} onClose={close}>
            <p>{texts.correction.nothing}</p>
          </Dialog>
        ))}
    </div>
  );
}

/** How the connection stands and who serves, where that is worth saying. */
function State({ store, agreed }: { store: Store; agreed: boolean }) {
  const { link, log } = useSnapshot(store);
  const { holder, waiting, place } = log.standing;
  const lines: string[] = [];
  if (agreed && link === "offline") lines.push(texts.status.offline);
  if (agreed && link === "polling") lines.push(texts.status.polling);
  if (holder !== null) lines.push(texts.queue.held(holder));
  else if (waiting) lines.push(place ? texts.queue.place(place) : texts.queue.waiting);
  return (
    <div className="standing" role="status">
      {lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
    </div>
  );
}

/** Print with every fold open, as it will be read on paper. */
function printed(): void {
  const folds = [...document.querySelectorAll<HTMLDetailsElement>("details:not([open])")];
  for (const fold of folds) fold.open = true;
  window.print();
  for (const fold of folds) fold.open = false;
}

/** The words between this frame and the page it stands in, if it stands in one. */
function useBridge(start: Start | null, store: Store, agreed: boolean): FrameBridge | null {
  const [identity, setIdentity] = useState<string | null>(null);
  const bridge = useMemo(() => (start ? new FrameBridge(start.embedders) : null), [start]);
  useEffect(() => {
    store.onNews((count) => bridge?.tell({ wence: "news", count }));
    return bridge?.listen((word) => {
      if (word.wence === "hello") {
        if (word.identity) setIdentity(word.identity);
        bridge.tell({ wence: "ready" });
      } else if (word.shown) {
        document.querySelector<HTMLElement>("[data-composer], .gate button")?.focus();
      }
    });
  }, [bridge, store]);
  useEffect(() => {
    // What the portal knows of the firm counts as collected: not before the visitor agreed.
    if (identity === null || !agreed || !start?.identity) return;
    keptVisitor.identity = identity;
    void keptVisitor.token(false).catch(() => undefined);
  }, [identity, agreed, start?.identity]);
  return bridge;
}
