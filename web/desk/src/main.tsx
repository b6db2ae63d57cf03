import { App as AntApp, ConfigProvider } from "antd";
import zhCN from "antd/locale/zh_CN";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Desk } from "./Desk";
import "./style.css";

// Every colour of words stands out from its ground by 4.5 to 1 at least (WCAG AA).
const TOKENS = {
  colorPrimary: "#0b57b7",
  colorLink: "#0b57b7",
  colorError: "#b8141b",
  colorTextPlaceholder: "#5d6774",
  colorTextDescription: "#4a5664",
  colorTextTertiary: "#5d6774",
  colorTextQuaternary: "#5d6774",
  colorTextDisabled: "#5d6774",
  borderRadius: 4,
  fontSize: 14,
  motion: !matchMedia("(prefers-reduced-motion: reduce)").matches,
};

const nonce = document.querySelector<HTMLMetaElement>("meta[name=csp-nonce]")?.content ?? "";

// The component library makes some styles itself and forgets the nonce for a few of them
// (locking the scroll, measuring the scroll bar); the page's policy asks for it on each.
const create = document.createElement.bind(document) as (name: string) => HTMLElement;
document.createElement = ((name: string) => {
  const element = create(name);
  if (name === "style") element.nonce = nonce;
  return element;
}) as typeof document.createElement;

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <ConfigProvider
      locale={zhCN}
      csp={{ nonce }}
      button={{ autoInsertSpace: false }}
      theme={{ token: TOKENS }}
    >
      <AntApp>
        <Desk />
      </AntApp>
    </ConfigProvider>
  </StrictMode>,
);
