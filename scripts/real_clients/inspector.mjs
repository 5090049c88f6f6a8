// @ts-check
//
// Uses the inspector of examples/redis_server in a real browser, with the
// screen of a desktop and of a phone, and in a terminal by `reactio top`.

import assert from "node:assert/strict";
import { once } from "node:events";
import { startBrowser } from "./browser.mjs";
import { Load } from "./load.mjs";
import { Program } from "./program.mjs";

const EXAMPLE = "redis_server/server";
const CLIENTS = 120;

/** Checks the page and `reactio top`. */
export async function* checkInspector(
  /** @type {import("./program.mjs").Runtime} */ runtime,
) {
  const server = runtime.start(
    EXAMPLE,
    "--port=0",
    "--inspect=127.0.0.1:0",
  );
  /** @type {Load | undefined} */
  let load;
  const browser = await startBrowser();
  try {
    const [, url] = await server.printed(/inspector at (\S+)/);
    const screen = await browser.newContext({
      viewport: { width: 1280, height: 900 },
    });
    load = await Load.start(await server.port(), 3);
    yield await checkKeyboard(await screen.newPage(), url, load);
    load.stop();
    load = await Load.start(await server.port(), CLIENTS);
    yield await checkPage(await screen.newPage(), url, load);
    const phone = await browser.newContext({
      viewport: { width: 390, height: 844 },
      colorScheme: "dark",
      isMobile: true,
      hasTouch: true,
    });
    yield await checkPhone(await phone.newPage(), url);
    yield await checkMany(await screen.newPage(), url);

    const top = new Program([...cli(runtime), "top", "--once", url]);
    assert.equal(await top.ended(), 0, top.output);
    assert.match(
      top.output,
      /^reactio top {2}up 0:00:\d\d {2}\d+ connections$/m,
    );
    assert.match(top.output, /^127\.0\.0\.1:\d+ .* open$/m);
    yield "reactio top shows the same";
    yield await checkTerminal(runtime, url);
  } finally {
    load?.stop();
    await browser.close();
    server.kill();
  }
}

function cli(/** @type {import("./program.mjs").Runtime} */ runtime) {
  return runtime.command("../src/entries/cli", ["--allow-env=REACTIO_TOKEN"]);
}

/** Runs `reactio top` in a terminal provided by Debian's `script`. */
async function checkTerminal(
  /** @type {import("./program.mjs").Runtime} */ runtime,
  /** @type {string} */ url,
) {
  const top = [...cli(runtime), "top", url].join(" ");
  const commands = `tty; stty rows 30 cols 100; stty -g; ${top}; stty -g`;
  const terminal = new Program(
    ["script", "--quiet", "--return", "--command", commands, "/dev/null"],
    null,
  );
  try {
    const [, tty, before] = await terminal.printed(
      /^(\/dev\/\S+)\r\n(\S+)\r\n/,
    );
    await terminal.printed(/ IN\*/);
    terminal.write("s");
    await terminal.printed(/ OUT\*/);
    terminal.write("p");
    await terminal.printed(/connections {2}PAUSED/);
    terminal.output = "";
    const resize = new Program(["stty", "-F", tty, "rows", "9", "cols", "30"]);
    assert.equal(await resize.ended(), 0, resize.output);
    const [, screen] = await terminal.printed(
      /2J(reactio top [ -~]{18}\r+\n[ -~\r\n]*)[^ -~\r\n]/,
    );
    const lines = screen.split("\n").map((line) => line.trim());
    assert.equal(lines.length, 9);
    assert.ok(lines.every(({ length }) => length <= 30), screen);
    terminal.write("q");
    assert.equal(await terminal.ended(), 0);
    const [, after] = /\[\?25h.\[\?1049l(\S+)\r\n$/.exec(terminal.output) ?? [];
    assert.equal(after, before, "the terminal is as it was");
  } finally {
    terminal.kill();
  }
  return "reactio top hears keys, fits into a terminal, and leaves it as it was";
}

/** Opens a page, and collects its errors. */
async function open(
  /** @type {any} */ page,
  /** @type {string} */ url,
) {
  /** @type {string[]} */
  const faults = [];
  page.on(
    "pageerror",
    (/** @type {Error} */ { message }) => faults.push(message),
  );
  page.on("console", (/** @type {any} */ message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  page.on("dialog", (/** @type {any} */ dialog) => dialog.accept());
  await page.goto(url);
  await page.locator("#status.live").waitFor();
  return faults;
}

async function checkKeyboard(
  /** @type {any} */ page,
  /** @type {string} */ url,
  /** @type {Load} */ load,
) {
  const faults = await open(page, url);
  const [first, second, third] = load.sockets.map(({ localPort }) =>
    `127.0.0.1:${localPort}`
  );
  const top = (/** @type {string} */ peer) =>
    page.locator("#live tbody tr").first().filter({ hasText: peer }).waitFor();
  const focused = () => page.evaluate("document.activeElement.ariaLabel");
  await top(first);
  const name = `Traffic ${third}`;
  await page.getByRole("button", { name, exact: true }).focus();
  await page.evaluate("order.click()"); // as another user would, without moving the focus
  await top(third);
  assert.equal(await focused(), name);

  load.sockets[2].destroy();
  await top(second);
  assert.equal(await focused(), `Traffic ${second}`);

  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const told = `the connection of ${second} is closing`;
  await page.getByRole("status").getByText(told).waitFor();
  await top(first);
  assert.equal(await focused(), `Close ${first}`);
  assert.deepEqual(faults, []);
  return "the focus stays while connections come, go and change places";
}

async function checkPage(
  /** @type {any} */ page,
  /** @type {string} */ url,
  /** @type {Load} */ load,
) {
  const faults = await open(page, url);
  const rows = page.locator("#live tbody tr");
  await page.waitForFunction(
    `document.querySelectorAll("#live tbody tr").length === 50`,
  );
  const matched = page.locator("#matched");
  assert.equal(await matched.textContent(), `1 to 50 of ${CLIENTS}`);
  await page.getByRole("button", { name: "Next" }).click();
  await expectText(matched, `51 to 100 of ${CLIENTS}`);

  const heading = page.getByRole("button", { name: "In", exact: true });
  await heading.focus();
  await page.keyboard.press("Enter");
  await page.locator('#live th[aria-sort="descending"]').waitFor();
  assert.equal(await page.locator("#sort").inputValue(), "in");

  const [first] = load.sockets;
  const peer = `127.0.0.1:${first.localPort}`;
  await page.getByLabel("Search").fill(peer);
  await expectText(matched, `1 to 1 of 1 found, ${CLIENTS} in all`);
  await rows.getByRole("button", { name: "Traffic" }).click();
  const lines = page.locator("#tail-lines");
  await lines.getByText("50 49 4e 47 0d 0a").first().waitFor();
  await lines.getByText("+PONG").first().waitFor();
  await page.keyboard.press("Escape");

  const closed = once(first, "close");
  await rows.getByRole("button", { name: "Close" }).click();
  await closed;
  const row = page.locator("#closed tbody tr").filter({ hasText: peer });
  await row.filter({ hasText: "Closed by an inspector" }).waitFor();
  await expectText(matched, `0 to 0 of 0 found, ${CLIENTS - 1} in all`);
  assert.deepEqual(faults, []);
  return "a browser sorts, searches, looks into and closes connections";
}

async function checkPhone(
  /** @type {any} */ page,
  /** @type {string} */ url,
) {
  const faults = await open(page, url);
  await page.waitForFunction(
    `document.querySelectorAll("#live tbody tr").length === 50`,
  );
  const [content, screen] = await page.evaluate(
    "[document.documentElement.scrollWidth, innerWidth]",
  );
  assert.ok(content <= screen, `${content} pixels do not fit into ${screen}`);
  const unnamed = await page.evaluate(
    `[...document.querySelectorAll("button, input, select")].filter((it) =>
      !(it.textContent.trim() || it.labels?.length || it.ariaLabel)).length`,
  );
  assert.equal(unnamed, 0);
  await page.locator("#next").focus();
  await page.keyboard.press("Tab");
  const next = await page.evaluate("document.activeElement.ariaLabel");
  assert.match(next, /^Traffic /, "the focus is on something that is shown");
  await page.getByLabel("Sorted by").selectOption("out");
  await page.getByRole("button", { name: "Rising" }).or(
    page.getByRole("button", { name: "Falling" }),
  ).tap();
  assert.deepEqual(faults, []);
  return "a telephone has room for all of it";
}

/**
 * Checks the page as it is with 50,000 connections: those past the first ones,
 * here 200, have to be searched for.
 */
async function checkMany(
  /** @type {any} */ page,
  /** @type {string} */ url,
) {
  await page.route("**/app.js", async (/** @type {any} */ route) => {
    const body = await (await route.fetch()).text();
    const shorter = body.replace("DEEPEST = 10_000;", "DEEPEST = 200;");
    assert.notEqual(shorter, body);
    await route.fulfill({ contentType: "text/javascript", body: shorter });
  });
  await page.route("**/api/connections?*", (/** @type {any} */ route) => {
    const { searchParams } = new URL(route.request().url());
    const offset = Number(searchParams.get("offset"));
    const rows = Array.from({ length: 50 }, (_, i) => ({
      ...{ id: offset + i, thread: "0", peer: `<b>${offset + i}</b>` },
      ...{ openMs: 0, inPerSecond: 0, outPerSecond: 0, bytesQueued: 0 },
      state: "open",
    }));
    return route.fulfill({ json: { total: 50_000, matched: 50_000, rows } });
  });
  const faults = await open(page, url);
  const next = page.locator("#next");
  for (let i = 0; i < 3; i++) await next.click();
  await expectText(page.locator("#matched"), "151 to 200 of 50000");
  assert.ok(await next.isDisabled());
  const rows = page.locator("#live tbody tr");
  assert.equal(await rows.count(), 50);
  assert.match(await rows.last().innerText(), /<b>199<\/b>/);
  assert.deepEqual(faults, []);
  return "a browser pages through 50,000 connections";
}

async function expectText(
  /** @type {any} */ locator,
  /** @type {string} */ text,
) {
  await locator.filter({ hasText: new RegExp(`^${text}$`) }).waitFor();
}
