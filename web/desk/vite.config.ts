import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// A running service for `npm run dev`; the page and its code come from Vite, the rest from it.
const service = process.env["API_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  base: "/desk/",
  build: {
    outDir: "../dist/desk",
    emptyOutDir: true,
    target: ["es2022", "chrome111", "safari16", "firefox114"],
    // Nothing inline: the page's policy allows files of its own only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1600,
  },
  server: { proxy: { "/desk/api": { target: service, ws: true }, "/api": service } },
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"] },
});
