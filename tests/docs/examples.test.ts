// docs/examples.md and the programs that it lists.

import assert from "node:assert/strict";
import { test } from "node:test";
import { exists, list, read } from "./project.ts";

/** The programs of the table, by their names there. */
const listed = read("docs/examples.md").split("\n")
  .filter((line) => line.startsWith("| [`"))
  .flatMap((line) => {
    const [, names] = /^\| \[([^\]]+)\]/.exec(line) ?? [];
    return names.split(", ").map((name) => name.replaceAll("`", ""));
  });

test("docs/examples.md lists the programs that there are, and no other", () => {
  const programs = list("examples/", ".ts")
    .filter((file) => /^(?:await |const \w+ = .*\bawait )/m.test(read(file)))
    .map((file) => file.replace(/^examples\/|\.ts$/g, ""));
  assert.deepEqual([...listed].sort(), programs.sort());
});

test("each example begins with what it shows, and a command that runs it", () => {
  for (const name of listed) {
    const path = `examples/${name}.ts`;
    assert.ok(exists(path), path);
    const [head] = /^(?:\/\/[^\n]*\n)+/.exec(read(path)) ?? [""];
    assert.match(head, /^\/\/ [A-Z][^\n]+/, path);
    const [, command] = /^\/\/ Run: {2}(.+)$/m.exec(head) ?? [];
    assert.ok(command?.split(" ").includes(path), `${path}: ${command}`);
    for (const [file] of head.matchAll(/[\w/]+\.ts/g)) {
      const folder = path.slice(0, path.lastIndexOf("/") + 1);
      assert.ok(exists(file) || exists(folder + file), `${path}: ${file}`);
    }
  }
});
