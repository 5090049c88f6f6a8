// @ts-check
//
// Uses examples/chat with nc and with a real browser, in the same rooms.

import assert from "node:assert/strict";
import { startBrowser } from "./browser.mjs";
import { Program } from "./program.mjs";

const EXAMPLE = "chat/server";

/** The permissions that `ws` needs on Deno. */
const PERMISSIONS = ["--allow-env=WS_NO_BUFFER_UTIL,WS_NO_UTF_8_VALIDATE"];

/** Checks a chat in one thread and in two. */
export async function* checkChat(
  /** @type {import("./program.mjs").Runtime} */ runtime,
) {
  const start = (/** @type {string[]} */ ...flags) =>
    new Program([
      ...runtime.command(EXAMPLE, PERMISSIONS),
      ...["--port=0", "--web=0", ...flags],
    ]);
  const [server, shared] = [start(), start("--threads=2")];
  const browser = await startBrowser();
  /** @type {Program[]} */
  const running = [server, shared];
  try {
    const [port, web] = await portsOf(server);
    const nc = (/** @type {string} */ input) => {
      const program = new Program(["nc", "127.0.0.1", port], input);
      running.push(program);
      return program;
    };
    const ann = nc("ann\n");
    await ann.printed(/You are in lobby/);

    const page = await browser.newPage();
    const faults = watch(page);
    await enter(page, web, "bob");
    await shown(page, "* You are in lobby, with ann, bob");
    await say(page, "Your message", "hello from a page, ünd more");
    await ann.printed(/\* bob comes in\nbob: hello from a page, ünd more\n/);

    const carl = nc(
      "carl\nhello <b>from</b>\x1b[31m nc\n/join club\n/rooms\n/quit\n",
    );
    await shown(page, "carl: hello <b>from</b>[31m nc");
    await shown(page, "* carl leaves");
    assert.equal(await carl.ended(), 0);
    assert.match(carl.output, /\* Rooms: lobby, club\n\* Good-bye\.\n$/);
    await nc("Ann\n").printed(/Ann is taken/);
    yield "nc and a browser talk in one room";

    assert.equal(await closeCode(page, "x".repeat(5000)), 1009);
    const stranger = await browser.newPage();
    assert.equal(
      await connectCode(stranger, `ws://127.0.0.1:${web}/chat`),
      1006,
    );
    assert.deepEqual(faults, []);
    yield "a browser is told that its message is too large, and other pages may not connect";

    const last = await browser.newPage();
    await enter(last, web, "dora");
    await shown(last, /You are in lobby/);
    assert.equal(await server.terminate(), 0, server.output);
    await shown(last, "* The server ends. Good-bye.");
    await last.getByRole("status").getByText("Not connected").waitFor();
    yield "all are told when it ends";
    yield await checkThreads(shared, await browser.newPage(), running);
  } finally {
    await browser.close();
    for (const program of running) program.kill();
  }
}

/** The ports for nc and for browsers. */
async function portsOf(/** @type {Program} */ server) {
  const [, port, web] = await server.printed(
    /listening on \S*:(\d+)\n[^]*listening on \S*:(\d+)\n/,
  );
  return [port, web];
}

/** Lets many guests talk at the same time, served by two threads. */
async function checkThreads(
  /** @type {Program} */ server,
  /** @type {any} */ page,
  /** @type {Program[]} */ running,
) {
  const [port, web] = await portsOf(server);
  const count = 8;
  const lines = 50;
  const guests = Array.from(
    { length: count },
    () => new Program(["nc", "127.0.0.1", port], null),
  );
  running.push(...guests);
  // All guests want the same name, and only one gets it.
  for (const guest of guests) guest.write("ann\n");
  await Promise.all(guests.map((it) => it.printed(/Hello ann|ann is taken/)));
  const others = guests.filter((it) => !it.output.includes("Hello ann"));
  assert.equal(others.length, count - 1);
  for (const [i, guest] of others.entries()) {
    guest.write(`g${i}\n`);
    await guest.printed(/You are in lobby/);
  }
  const all = Array.from({ length: lines }, (_, i) => `${i}\n`).join("");
  for (const guest of guests) guest.write(all);
  const said = new RegExp(`(?:\\w+: \\d+\\n){${count * lines}}`);
  const [first, ...rest] = await Promise.all(
    guests.map(async (guest) => (await guest.printed(said))[0]),
  );
  for (const heard of rest) assert.equal(heard, first);
  assert.deepEqual(
    first.match(/ann: \d+/g),
    Array.from({ length: lines }, (_, i) => `ann: ${i}`),
  );
  await enter(page, web, "bob");
  await shown(page, /You are in lobby, with ann, g0, /);
  guests[0].write("/quit\n");
  await guests[0].printed(/Good-bye/);
  await shown(page, / leaves$/);
  await guests[1].printed(/ leaves\n/);
  for (const guest of guests) guest.kill();
  assert.equal(await server.terminate(), 0, server.output);
  await shown(page, "* The server ends. Good-bye.");
  return "two threads share the rooms: a name has one guest, and all hear the same in the same order";
}

/** Collects the errors of a page. */
function watch(/** @type {any} */ page) {
  /** @type {string[]} */
  const faults = [];
  page.on(
    "pageerror",
    (/** @type {Error} */ { message }) => faults.push(message),
  );
  page.on("console", (/** @type {any} */ message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  return faults;
}

/** Opens the page, and says a name once it is connected. */
async function enter(
  /** @type {any} */ page,
  /** @type {string} */ web,
  /** @type {string} */ name,
) {
  await page.goto(`http://127.0.0.1:${web}/`);
  await page.getByRole("status").getByText("Connected").waitFor();
  await say(page, "Your name", name);
}

async function say(
  /** @type {any} */ page,
  /** @type {string} */ label,
  /** @type {string} */ text,
) {
  await page.getByLabel(label).fill(text);
  await page.getByRole("button", { name: "Send" }).click();
}

async function shown(
  /** @type {any} */ page,
  /** @type {string | RegExp} */ text,
) {
  await page.getByRole("log").getByText(text, { exact: true }).waitFor();
}

/**
 * Resolves to the code with which the server closes a new WebSocket of the page
 * that sends `text`.
 */
async function closeCode(
  /** @type {any} */ page,
  /** @type {string} */ text,
) {
  return await page.evaluate(
    `new Promise((resolve) => {
      const socket = new WebSocket("ws://" + location.host + "/chat");
      socket.onopen = () => socket.send(${JSON.stringify(text)});
      socket.onclose = ({ code }) => resolve(code);
    })`,
  );
}

/**
 * Resolves to the code with which a WebSocket is closed that a page without an
 * origin opens.
 */
async function connectCode(
  /** @type {any} */ page,
  /** @type {string} */ url,
) {
  return await page.evaluate(
    `new Promise((resolve) => {
      const socket = new WebSocket(${JSON.stringify(url)});
      socket.onopen = () => resolve("open");
      socket.onclose = ({ code }) => resolve(code);
    })`,
  );
}
