/** The launcher's style, inside its own shadow root. */
export const css = `
:host { all: initial; }
.box { position: fixed; right: 20px; bottom: 20px; z-index: 2147483000; font: 16px/1.4 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
.box.left { right: auto; left: 20px; }
.open { display: block; margin-left: auto; min-width: 64px; min-height: 64px; padding: 8px 14px; border: 2px solid #fff; border-radius: 32px; background: #0b57b7; color: #fff; font: inherit; font-weight: 600; cursor: pointer; box-shadow: 0 4px 14px rgba(15, 35, 70, .35); position: relative; }
.open:hover { background: #08489a; }
.open:focus-visible { outline: 3px solid #0b57b7; outline-offset: 3px; }
.open.unread::after { content: ""; position: absolute; top: 4px; right: 8px; width: 12px; height: 12px; border-radius: 50%; background: #c62828; border: 2px solid #fff; }
.panel { position: absolute; right: 0; bottom: 80px; width: 420px; height: min(720px, calc(100vh - 120px)); border-radius: 14px; overflow: hidden; background: #fff; box-shadow: 0 10px 40px rgba(15, 35, 70, .35); }
.left .panel { right: auto; left: 0; }
.panel[hidden] { display: none; }
iframe { display: block; width: 100%; height: 100%; border: 0; }
@media (max-width: 520px), (max-height: 520px) {
  .panel { position: fixed; inset: 0; width: 100%; height: 100%; border-radius: 0; z-index: 1; }
}
@media print { .box { display: none; } }
`;
