// @ts-check
//
// The inspector of examples/redis_server, in a real browser, on a screen and on
// a telephone, and in a terminal by `reactio top`.

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
    load = await Load.start(await server.port(), CLIENTS);
    const screen = await browser.newContext({
      viewport: { width: 1280, height: 900 },
    });
    yield await checkPage(await screen.newPage(), url, load);
    const phone = await browser.newContext({
      viewport: { width: 390, height: 844 },
      colorScheme: "dark",
      isMobile: true,
      hasTouch: true,
    });
    yield await checkPhone(await phone.newPage(), url);

    const top = new Program([
      ...runtime.command("../src/entries/cli", ["--allow-env=REACTIO_TOKEN"]),
      ...["top", "--once", url],
    ]);
    assert.equal(await top.ended(), 0, top.output);
    assert.match(
      top.output,
      /^reactio top {2}up 0:00:\d\d {2}\d+ connections$/m,
    );
    assert.match(top.output, /^127\.0\.0\.1:\d+ .* open$/m);
    yield "reactio top shows the same";
  } finally {
    load?.stop();
    await browser.close();
    server.kill();
  }
}

/** Looks at a page that tells what goes wrong in it. */
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
  await page.getByLabel("Sorted by").selectOption("out");
  await page.getByRole("button", { name: "Rising" }).or(
    page.getByRole("button", { name: "Falling" }),
  ).tap();
  assert.deepEqual(faults, []);
  return "a telephone has room for all of it";
}

async function expectText(
  /** @type {any} */ locator,
  /** @type {string} */ text,
) {
  await locator.filter({ hasText: new RegExp(`^${text}$`) }).waitFor();
}
