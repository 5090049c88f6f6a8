import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { after, test } from "node:test";
import { host } from "../examples/example_process.ts";
import { type Block, blocks, placeOf } from "./blocks.ts";
import { exists, read } from "./project.ts";
import { runsExamples, Workshop } from "./workshop.ts";

/** Examples that end. */
const plain = blocks.filter(({ language }) => language === "ts");
/** `deno test --doc` must leave them alone. */
const others = blocks.filter(({ language }) => language === "ts ignore");
const isProgram = ({ code }: Block) => code.includes("runReactors(");
/** Programs of threads. */
const programs = others.filter(isProgram);
/** Examples that serve until they are ended. */
const serving = others.filter((block) => !isProgram(block));

/** A server that has not answered by then is not going to. */
const LIMIT_MS = 20_000;

const fileOf = ({ path, line }: Block) =>
  `${path.replace(/\W/g, "-")}-${line}.ts`;
const folderOf = (block: Block) => fileOf(block).replace(".ts", "");

const workshop = new Workshop();
after(() => workshop[Symbol.dispose]());
for (const block of plain) workshop.add(fileOf(block), block.code);
for (const block of others) {
  const folder = folderOf(block);
  workshop.add(`${folder}/main.ts`, onAnyPort(block.code));
  if (!block.code.includes(`"./reactors.ts"`)) continue;
  workshop.add(`${folder}/reactors.ts`, beside(block, isModule).code);
  if (!block.code.includes(`"./worker.js"`)) continue;
  workshop.add(`${folder}/worker.ts`, beside(block, isProgram).code);
}
workshop.prepare();

/** A test listens where nobody does. */
function onAnyPort(code: string): string {
  const text = runsExamples
    ? code.replaceAll(`.js"`, `.ts"`)
    : code.replaceAll(`.ts"`, `.js"`);
  return text.replace(/"(?:0\.0\.0\.0|127\.0\.0\.1):\d+"/, `"127.0.0.1:0"`);
}

function isModule({ code, language }: Block): boolean {
  return language === "ts" && code.includes("export default defineReactors(");
}

/** The block that an example loads as a file: the last before it, or else any of the same file, or of the same folder. */
function beside({ path, line }: Block, isIt: (block: Block) => boolean): Block {
  const folder = (path: string) => path.replace(/[^/]*$/, "");
  const found = blocks.filter(isIt);
  const ofFile = found.filter((block) => block.path === path);
  const best = ofFile.findLast((block) => block.line < line) ?? ofFile[0] ??
    found.find((block) => folder(block.path) === folder(path));
  assert.ok(best, `what an example of ${path} loads is not beside it`);
  return best;
}

/** Waits for the port that a server prints. */
async function portOf(server: ChildProcess): Promise<number> {
  let out = "";
  let err = "";
  server.stderr?.on("data", (text) => err += text);
  for await (const text of server.stdout ?? []) {
    out += text;
    const [, port] = /(?:port: |:)(\d+)/.exec(out) ?? [];
    if (port !== undefined) return Number(port);
  }
  throw new Error(`It printed no port: ${out}${err}`);
}

/** Sends a message, which is a line and has a length byte as well, and waits until it comes back, whatever is around it. */
async function assertEchoes(port: number): Promise<void> {
  const socket = connect(port, "127.0.0.1").setEncoding("latin1");
  try {
    await once(socket, "connect");
    socket.write("\x05hello\n");
    let answer = "";
    for await (const text of socket) {
      answer += text;
      if (answer.includes("\x05hello")) return;
    }
    assert.fail(`the answer was ${JSON.stringify(answer)}`);
  } finally {
    socket.destroy();
  }
}

if (host === "deno") {
  test("every example of the documents and doc comments is right to the type checker", () => {
    workshop.check();
  });
}

test("every example runs and ends", () => {
  assert.ok(plain.length >= 12);
  workshop.runAll(plain.map(fileOf));
});

for (const block of serving) {
  test(`the server of ${placeOf(block)} serves`, async () => {
    const server = workshop.start(`${folderOf(block)}/main.ts`);
    const ended = once(server, "close");
    const limit = setTimeout(() => server.kill("SIGKILL"), LIMIT_MS);
    try {
      await assertEchoes(await portOf(server));
    } finally {
      clearTimeout(limit);
      server.kill("SIGKILL");
      await ended;
    }
  });
}

test("there is an example of a program of threads", () => {
  assert.ok(programs.length > 0);
});

test("the README has a complete server in less than 20 lines", () => {
  const [first] = blocks.filter(({ path }) => path === "README.md");
  assert.equal(first, serving[0]);
  assert.ok(first.code.trimEnd().split("\n").length < 20);
});

test("every block of code is of a language that a test looks at", () => {
  const known = ["ts", "ts ignore", "js", "sh", "text", "mermaid"];
  const others = blocks.filter(({ language }) => !known.includes(language));
  assert.deepEqual(others.map(placeOf), []);
});

test("no diagram has what Mermaid takes for something else", () => {
  for (const { language, code } of blocks) {
    if (language !== "mermaid") continue;
    assert.match(code, /^(sequenceDiagram|flowchart (TB|LR))\n/);
    assert.doesNotMatch(code, /;/, "a semicolon ends a line of Mermaid");
    assert.doesNotMatch(code, /participant (loop|end|alt|opt|par|note)\b/i);
  }
});

const { name } = JSON.parse(read("deno.json"));
const { scripts, peerDependencies } = JSON.parse(read("package.json"));

/** What a line of a shell stands for, if it is one of those that documents may name. */
const COMMANDS: readonly [RegExp, (match: RegExpExecArray) => boolean][] = [
  [/^npm (?:run )?([\w:]+)(?: -- .*)?$/, ([, script]) => script in scripts],
  [/^npm install (\S+)$/, ([, it]) => it === name || it in peerDependencies],
  [/^deno add jsr:(\S+)$/, ([, it]) => it === name],
  [/^(?:bunx|npx) jsr add (\S+)$/, ([, it]) => it === name],
  [/^node (\S+\.mjs) .*$/, ([, file]) => exists(file)],
  [/^(?:npx|bunx) (\S+) top \S+$/, ([, it]) => it === name],
  [
    /^deno run (?:--allow-\w+ )+jsr:(\S+)\/cli top \S+$/,
    ([, it]) => it === name,
  ],
  [/^git clone .*$/, () => true],
  [/^nc 127\.0\.0\.1 \d+$/, () => true],
  [/^deno run (?:--allow-\w+ )+\S+\.ts$/, () => true],
  [/^(?:bun|node) \S+\.ts$/, () => true],
  [
    /^systemd-socket-activate (?:--\S+ )+((?:(?:node|bun) examples\/\S+\.ts ?)+)$/,
    ([, commands]) =>
      commands.split(" ").filter((it) => it.endsWith(".ts")).every(exists),
  ],
  [
    /^(?:deno run (?:--allow-\S+ )+|bun |node )(examples\/\S+\.ts)(?: --.*)?$/,
    ([, file]) => exists(file),
  ],
];

/** Its commands and settings are run by `npm run try:bundles`. */
const TRIED = "docs/bundling.md";

/** How the script begins that makes certificates; `npm run test:clients` runs it. */
const MAKES_CERTIFICATES = 'new="openssl ';

test("settings are shown in a document only that try:bundles reads", () => {
  const settings = blocks.filter(({ language }) => language === "js");
  assert.deepEqual(new Set(settings.map(({ path }) => path)), new Set([TRIED]));
});

test("every command is one that there is", () => {
  for (const block of blocks) {
    if (block.language !== "sh" || block.path === TRIED) continue;
    if (block.code.startsWith(MAKES_CERTIFICATES)) continue;
    for (const part of block.code.split(/\n|&&/)) {
      const command = part.replace(/#.*$/, "").trim();
      if (command === "") continue;
      const isKnown = COMMANDS.some(([pattern, isGood]) => {
        const match = pattern.exec(command);
        return match !== null && isGood(match);
      });
      assert.ok(isKnown, `${placeOf(block)}: ${command}`);
    }
  }
});
