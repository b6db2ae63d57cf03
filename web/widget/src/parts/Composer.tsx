import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import type { Suggestion } from "../protocol";
import { call, read } from "../state/service";
import { texts } from "../texts";
import { Badge } from "./Badge";

const MOST = 4000; // characters that the service works
const PAUSE = 150; // ms after a key stroke before suggestions are asked for
const LONGEST_ASKED = 40; // who has typed more knows what to ask

/** The input: Enter sends, ↑↓ choose among suggestions, Esc closes them. */
export function Composer({ say }: { say: (text: string) => void }) {
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState("");
  const [items, setItems] = useSuggestions(text);
  const [chosen, setChosen] = useState(-1);
  const open = items.length > 0;

  const send = (words: string): void => {
    if (!words.trim()) return;
    say(words);
    setText("");
    setItems([]);
    setChosen(-1);
    field.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    // While an input method composes, its keys are its own.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send(items[chosen]?.payload ?? text);
    } else if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      setChosen((now) => ((now + 1 + step + items.length + 1) % (items.length + 1)) - 1);
    } else if (open && event.key === "Escape") {
      event.stopPropagation();
      setItems([]);
      setChosen(-1);
    }
  };

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send(text);
      }}
    >
      {open && (
        <ul
          className="suggestions"
          role="listbox"
          id={`${id}-list`}
          aria-label={texts.composer.suggestions}
        >
          {items.map((item, index) => (
            <li
              key={`${item.kind}-${item.id}`}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === chosen}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => send(item.payload)}
            >
              <span className="suggestion-title">{item.title}</span>
              <Badge status={item.status} />
            </li>
          ))}
        </ul>
      )}
      <span className="off-screen" role="status">
        {open ? texts.composer.count(items.length) : ""}
      </span>
      <label htmlFor={`${id}-field`} className="off-screen">
        {texts.composer.label}
      </label>
      <textarea
        id={`${id}-field`}
        data-composer=""
        ref={field}
        rows={1}
        maxLength={MOST}
        value={text}
        placeholder={texts.composer.placeholder}
        aria-autocomplete="list"
        aria-controls={open ? `${id}-list` : undefined}
        aria-activedescendant={chosen >= 0 ? `${id}-${chosen}` : undefined}
        onChange={(event) => {
          setText(event.target.value);
          setChosen(-1);
        }}
        onKeyDown={onKeyDown}
        onBlur={() => setItems([])}
      />
      <button type="submit" className="primary" disabled={!text.trim()}>
        {texts.composer.send}
      </button>
      {text.length > MOST - 200 && (
        <p className="left" role="status">
          {texts.composer.left(MOST - text.length)}
        </p>
      )}
    </form>
  );
}

function useSuggestions(text: string): [Suggestion[], (items: Suggestion[]) => void] {
  const [items, setItems] = useState<Suggestion[]>([]);
  const typed = text.trim();
  const wanted = typed.length > 1 && typed.length <= LONGEST_ASKED && !typed.includes("\n");
  useEffect(() => {
    if (!wanted) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      const path = `suggestions?q=${encodeURIComponent(typed)}`;
      read<{ items: Suggestion[] }>(call(path, undefined, undefined, abort.signal))
        .then((found) => setItems(found.items))
        .catch(() => setItems([])); // suggestions are a help, not a must
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [typed, wanted]);
  return [wanted ? items : [], setItems];
}
