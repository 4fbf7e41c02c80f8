// Builds every surface that is there into dist/: one self-contained script each, and the pages that carry them.
// A bundle above its limit fails the build.
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build as vite } from "vite";
import { mendLibraries } from "./mend.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");

// `limit` is in kB gzipped, everything a visitor of a host page has to load.
const surfaces = [
  { source: "chat/main.tsx", script: "widgets/yibao-chat.js", limit: 180 },
  { source: "help/main.ts", script: "widgets/yibao-help.js", limit: 35 },
  { source: "demo/main.ts", script: "assets/demo.js" },
  { source: "assist/main.ts", script: "assets/assist.js" },
];
// Files that are served as they stand.
const pages = [
  { source: "demo/index.html", page: "index.html" },
  { source: "assist/index.html", page: "assist.html" },
  { source: "chat/avatar.svg", page: "assets/icon.svg" },
];

/** Vite's build; a failure is one line. */
async function build(options) {
  try {
    await vite(options);
  } catch (error) {
    console.error(`error: ${String(error.message).split("\n")[0]}`);
    process.exit(1);
  }
}

rmSync(dist, { recursive: true, force: true });
let tooLarge = false;
for (const { source, script, limit } of surfaces.filter(({ source }) => existsSync(join(here, source)))) {
  const name = script.split("/").pop().replace(/\.js$/, "");
  await build({
    configFile: false,
    root: here,
    logLevel: "warn",
    plugins: [mendLibraries()],
    define: { "process.env.NODE_ENV": JSON.stringify("production") },
    esbuild: { legalComments: "eof" },
    build: {
      outDir: dist,
      emptyOutDir: false,
      copyPublicDir: false,
      target: "es2020",
      cssCodeSplit: false,
      lib: {
        entry: join(here, source),
        formats: ["iife"],
        name: "yibao",
        fileName: () => script,
        cssFileName: `assets/${name}`,
      },
    },
  });
  // Helpers of the compiler stand outside of the function that the script is; a host page must get no names from us.
  const code = `(() => {${readFileSync(join(dist, script), "utf8")}})();\n`;
  writeFileSync(join(dist, script), code);
  const size = gzipSync(code).length / 1000;
  const verdict = limit && size > limit ? `above its limit of ${limit} kB` : limit ? `of ${limit} kB allowed` : "";
  console.log(`${script}: ${size.toFixed(1)} kB gzipped ${verdict}`.trim());
  tooLarge ||= Boolean(limit && size > limit);
}
for (const { source, page } of pages.filter(({ source }) => existsSync(join(here, source)))) {
  cpSync(join(here, source), join(dist, page));
}
if (tooLarge) {
  console.error("bot/web: a bundle is above its limit; take something out of it, see the sizes above.");
  process.exit(1);
}
