import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bytes } from "../../src/entries/cli/text.ts";
import { root } from "../docs/project.ts";

const page = new URL("src/inspector/page/format.js", root);
const { bytes: bytesOnPage } = await import(page.href) as {
  bytes: typeof bytes;
};

describe("a number of bytes", () => {
  for (
    const [value, text] of [
      [0, "0 B"],
      [999, "999 B"],
      [1000, "1 kB"],
      [1540, "1.5 kB"],
      [999_949, "999.9 kB"],
      [999_950, "1 MB"],
      [2e9, "2 GB"],
      [5e16, "50000 TB"],
    ] as const
  ) {
    it(`${value} is ${text}, on the page and in a terminal`, () => {
      assert.equal(bytes(value), text);
      assert.equal(bytesOnPage(value), text);
    });
  }
});
