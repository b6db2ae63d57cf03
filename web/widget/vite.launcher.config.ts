import { defineConfig } from "vite";

// The launcher is one plain script, so that one line embeds it anywhere.
export default defineConfig({
  build: {
    outDir: "../dist/widget",
    emptyOutDir: false,
    target: ["es2020", "chrome80", "safari14", "firefox78"],
    lib: {
      entry: "src/launcher.ts",
      formats: ["iife"],
      name: "WenCe",
      fileName: () => "widget.js",
    },
  },
});
