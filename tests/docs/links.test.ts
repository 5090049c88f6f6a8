import assert from "node:assert/strict";
import { posix } from "node:path";
import { test } from "node:test";
import { documents, exists, list, quoted, read } from "./project.ts";

const { scripts } = JSON.parse(read("package.json"));

function prose(path: string): string {
  return read(path).replace(/^```[^]*?^```$/gm, "");
}

/** The anchor that GitHub gives to a heading. */
function anchorOf(heading: string): string {
  const words = heading.toLowerCase().replace(/[^\w\- ]/g, "");
  return words.trim().replaceAll(" ", "-");
}

function anchorsOf(path: string): string[] {
  return Array.from(
    prose(path).matchAll(/^#+ (.*)$/gm),
    ([, heading]) => anchorOf(heading),
  );
}

for (const path of documents()) {
  test(`every link within the project leads somewhere: ${path}`, () => {
    for (const [, link] of prose(path).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(link)) continue;
      const [file, anchor] = link.split("#");
      const target = file === "" ? path : posix.join(posix.dirname(path), file);
      assert.ok(exists(target), link);
      if (anchor !== undefined) {
        assert.ok(anchorsOf(target).includes(anchor), link);
      }
    }
  });

  test(`every file and command that is named exists: ${path}`, () => {
    for (const word of quoted(prose(path).replace(/\s+/g, " "))) {
      if (
        /^(src|tests|examples|scripts|docs|bench|soak)\/[\w./]*$/.test(word)
      ) {
        assert.ok(exists(word), word);
      }
      const [, script] = /^npm (?:run )?([\w:]+)( --.*)?$/.exec(word) ?? [];
      if (script === undefined || script === "install") continue;
      assert.ok(script in scripts, word);
    }
  });
}

test("every name that coming-from-rust.md gives for one of the crate exists here", () => {
  const path = "docs/coming-from-rust.md";
  const sources = ["mod.ts", ...list("src/", ".ts")].map(read).join("\n");
  const words = new Set(sources.match(/[A-Za-z]\w*/g));
  const [, names] = read(path).split(/^## /m);
  assert.match(names, /^Names/);
  for (const line of names.split("\n")) {
    const [, , here = ""] = line.split(/(?<!\\)\|/);
    for (const name of quoted(here).join(" ").match(/[A-Za-z]\w+/g) ?? []) {
      assert.ok(words.has(name), name);
    }
  }
});
