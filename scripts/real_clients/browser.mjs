// @ts-check

import { importPackage } from "../npx.mjs";

const PLAYWRIGHT = "playwright-core@1.64.1";

/** Where Debian's package installs it. */
const CHROMIUM = "/usr/bin/chromium";

/** Keeps it from contacting anything but the tested pages. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts a headless browser. */
export async function startBrowser() {
  const { default: { chromium } } = await importPackage(PLAYWRIGHT, "index.js");
  return await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}
