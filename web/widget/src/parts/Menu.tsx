import { useEffect, useRef, useState } from "react";
import { texts } from "../texts";

export interface MenuItem {
  name: string;
  act: () => void;
}

/** A button that discloses further buttons; Esc or a click elsewhere closes it. */
export function Menu({ items }: { items: readonly MenuItem[] }) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const away = (event: Event): void => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", away);
    document.addEventListener("focusin", away);
    return () => {
      document.removeEventListener("pointerdown", away);
      document.removeEventListener("focusin", away);
    };
  }, [open]);
  return (
    <div
      className="menu"
      ref={box}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.stopPropagation();
        setOpen(false);
        box.current?.querySelector("button")?.focus();
      }}
    >
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
        {texts.menu.open}
      </button>
      {open && (
        <ul>
          {items.map((item) => (
            <li key={item.name}>
              <button
                type="button"
                onClick={() => {
                  setOpen(false);
                  item.act();
                }}
              >
                {item.name}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
