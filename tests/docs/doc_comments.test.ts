import assert from "node:assert/strict";
import { test } from "node:test";
import { type Documented, documentedIn, publicNames } from "./doc_comments.ts";
import { read } from "./project.ts";

const all = Array.from(
  publicNames(),
  ([path, names]) => documentedIn(path, names),
).flat();

const show = ({ path, name }: Documented) => `${path}: ${name}`;

test("the doc comments of the public names are found", () => {
  const of = (name: string) => all.find((one) => one.name === name)?.signature;
  assert.ok(all.length > 800, `${all.length}`);
  assert.deepEqual(of("ReactRuntime.listen")?.params, [
    "address",
    "handler",
    "options",
  ]);
  assert.deepEqual(of("Reactor.onClose")?.params, ["reason", "ctx"]);
  assert.deepEqual(of("parseAddress")?.params, ["address"]);
  assert.deepEqual(of("SimpleIoHandlers.onMessage")?.params, [
    "buf",
    "ctx",
    "appData",
  ]);
  assert.equal(of("ReactRuntime.stop")?.result, "Promise<void>");
  assert.equal(of("MsgSender.bytesSent"), undefined);
  assert.deepEqual(of("SendCompletion")?.params, ["result"]);
  assert.equal(of("NewServerReactor")?.result, "Reactor<UserCommand>");
  assert.equal(of("SendResult"), undefined);
});

test("every public function tells of each parameter by @param", () => {
  const lacking = all.flatMap((one) =>
    (one.signature?.params ?? [])
      .filter((param) =>
        !new RegExp(`^@param (?:\\[)?${param}\\b`, "m").test(one.doc)
      )
      .map((param) => `${show(one)}(${param})`)
  );
  assert.deepEqual(lacking, []);
});

test("every public function that returns something tells what by @returns", () => {
  const lacking = all.filter(({ signature, doc }) =>
    signature !== undefined &&
    !/^$|^(?:void|never)\b/.test(signature.result) &&
    !/^@returns /m.test(doc)
  );
  assert.deepEqual(lacking.map(show), []);
});

test("every public function that throws or rejects tells with what by @throws", () => {
  const lacking = all.filter(({ signature, doc }) => {
    const [text] = doc.split(/^@/m);
    return signature !== undefined &&
      /\b(?:Throws|Rejects)\b/.test(text);
  });
  assert.deepEqual(lacking.map(show), []);
});

test("every error that a @throws names is public", () => {
  const names = new Set(
    Array.from(publicNames().values(), (set) => [...set]).flat(),
  ).add("Error");
  for (const one of all) {
    for (const [, error] of one.doc.matchAll(/^@throws \{(\w+)\}/gm)) {
      assert.ok(names.has(error), `${show(one)}: ${error}`);
    }
    assert.doesNotMatch(one.doc, /^@throws (?!\{\w+\})/m, show(one));
  }
});

/** Those that a category tells apart: what an error is its name says. */
const grouped = all.filter(({ path }) => !path.startsWith("src/api/errors"));

test("every public name has a category", () => {
  const lacking = grouped.filter(({ name, doc }) =>
    !name.includes(".") && !/^@category /m.test(doc)
  );
  assert.deepEqual(lacking.map(show), []);
});

test("a category is a word, without a line that would become part of its name", () => {
  const wrong = all.filter(({ doc }) =>
    /^@category /m.test(doc) && !/^@category \w+(?:\n@|$(?!\n))/m.test(doc)
  );
  assert.deepEqual(wrong.map(show), []);
});

test("every public file says what it is, by @module", () => {
  const lacking = grouped.filter(({ path }) =>
    !/^\/\*\*[^]*?\n \* @module\n \*\/\n/.test(read(path))
  );
  assert.deepEqual(lacking.map(show), []);
});
