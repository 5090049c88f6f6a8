// @ts-check
//
// examples/chat: by nc and by a real browser, in the same rooms.

import assert from "node:assert/strict";
import { startBrowser } from "./browser.mjs";
import { Program } from "./program.mjs";

const EXAMPLE = "chat/server";

/** What Deno has to allow for `ws`. */
const PERMISSIONS = ["--allow-env=WS_NO_BUFFER_UTIL,WS_NO_UTF_8_VALIDATE"];

/** Checks a chat. */
export async function* checkChat(
  /** @type {import("./program.mjs").Runtime} */ runtime,
) {
  const server = new Program([
    ...runtime.command(EXAMPLE, PERMISSIONS),
    ...["--port=0", "--web=0"],
  ]);
  const browser = await startBrowser();
  /** @type {Program[]} */
  const running = [server];
  try {
    const [, port, web] = await server.printed(
      /listening on \S*:(\d+)\n[^]*listening on \S*:(\d+)\n/,
    );
    const nc = (/** @type {string} */ input) => {
      const program = new Program(["nc", "127.0.0.1", port], input);
      running.push(program);
      return program;
    };
    const ann = nc("ann\n");
    await ann.printed(/You are in lobby/);

    const page = await browser.newPage();
    const faults = watch(page);
    await page.goto(`http://127.0.0.1:${web}/`);
    await page.getByRole("status").getByText("Connected").waitFor();
    await say(page, "Your name", "bob");
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
    await last.goto(`http://127.0.0.1:${web}/`);
    await say(last, "Your name", "dora");
    await shown(last, /You are in lobby/);
    assert.equal(await server.terminate(), 0, server.output);
    await shown(last, "* The server ends. Good-bye.");
    await last.getByRole("status").getByText("Not connected").waitFor();
    yield "all are told when it ends";
  } finally {
    await browser.close();
    for (const program of running) program.kill();
  }
}

/** What goes wrong in a page. */
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

/** The code that a new WebSocket of the page is closed with that sends `text`. */
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

/** The code that a WebSocket is closed with to which a page connects that comes from nowhere. */
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
