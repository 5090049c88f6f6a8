import assert from "node:assert/strict";
import { test } from "node:test";
import { embedded } from "../../scripts/embed_page.ts";
import { read, root } from "../docs/project.ts";

test("the page that is served is what its sources are: else scripts/embed_page.ts is to be run", () => {
  const expected = embedded(new URL("src/inspector/page/", root));
  assert.ok(read("src/inspector/page/embedded.ts") === expected);
});
