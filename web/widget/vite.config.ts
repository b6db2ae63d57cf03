import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// A running service for `npm run dev`; the page and its code come from Vite, the rest from it.
const service = process.env["API_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  base: "/chat/",
  build: {
    outDir: "../dist/widget",
    emptyOutDir: true,
    target: ["es2020", "chrome80", "safari14", "firefox78"],
    // Nothing inline: the page's policy allows files of its own only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { output: { entryFileNames: "assets/[name]-[hash].js" } },
  },
  server: { proxy: { "/chat/api": { target: service, ws: true }, "/api": service } },
  test: {
    environment: "happy-dom",
    environmentOptions: { happyDOM: { settings: { handleDisabledFileLoadingAsSuccess: true } } },
    include: ["src/**/*.test.{ts,tsx}"],
  },
});
