// @ts-check

const PARTS = [{ file: "tests/inspector/best.test.ts" }];
const TAILS = [{ file: "tests/inspector/tails.test.ts" }];
const VISITORS = [{ file: "tests/inspector/visitors.test.ts" }];

/**
 * Bugs in the inspector.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const inspectorMutants = [
  {
    name: "inspector-token-begins",
    planted: "a token that begins with the right one is accepted",
    file: "src/inspector/access.ts",
    old: "let difference = given.length ^ expected.length;",
    new: "let difference = 0;",
    suites: [{
      file: "tests/inspector/inspect.test.ts",
      only: "with a token answers who knows it",
    }],
  },
  {
    name: "inspector-any-host",
    planted:
      "without a token, requests under any host name that resolves here are answered",
    file: "src/inspector/access.ts",
    old: "if (!LOOPBACK.test(host)) {",
    new: 'if (host === "") {',
    suites: [{
      file: "tests/inspector/inspect.test.ts",
      only: "without a token answers who names this machine",
    }],
  },
  {
    name: "inspector-any-origin",
    planted: "pages of other origins may send requests",
    file: "src/inspector/access.ts",
    old: "return isOurs ? undefined : refusal",
    new: "return isOurs || method ? undefined : refusal",
    suites: [{
      file: "tests/inspector/inspect.test.ts",
      only: "without a token answers who names this machine",
    }],
  },
  {
    name: "inspector-exposed",
    planted: "without a token, an inspector may listen on a public address",
    file: "src/inspector/inspect.ts",
    old:
      'if (address.transport === "tcp" && isLoopback(address.hostname)) return;',
    new: "return;",
    suites: [{
      file: "tests/inspector/inspect.test.ts",
      only: "is refused where others can reach it without a",
    }],
  },
  {
    name: "inspector-closes-unasked",
    planted: "connections can be closed although that is not allowed",
    file: "src/inspector/routes.ts",
    old: "if (!this.#may[kind]) {",
    new: "if (this.#may[kind] === undefined) {",
    suites: [{
      file: "tests/inspector/inspect.test.ts",
      only: "closes a connection and drains a listener, if",
    }],
  },
  {
    name: "inspector-shows-unasked",
    planted: "bytes can be shown although that is not allowed",
    file: "src/inspector/routes.ts",
    old: 'if (!this.#may.tail) return refusal(403, "allowTail is off");',
    new: "",
    suites: [{
      file: "tests/inspector/inspect.test.ts",
      only: "shows what a connection receives and sends, if",
    }],
  },
  {
    name: "inspector-two-lengths",
    planted: "a request with two lengths is accepted",
    file: "src/inspector/http/http_codec.ts",
    old:
      "headers.set(key, before === undefined ? value : `${before}, ${value}`);",
    new: "headers.set(key, value);",
    suites: [{
      file: "tests/inspector/inspect.test.ts",
      only: "answers HEAD without a body, says which methods",
    }],
  },
  {
    name: "inspector-drops-the-best",
    planted: "selecting the best of many drops one that belongs to them",
    file: "src/inspector/view/best.ts",
    old: "worst = kept[count - 1];",
    new: "worst = kept[count - 2];",
    suites: PARTS,
  },
  {
    name: "inspector-forgets-missed",
    planted: "overwritten pieces are reported again",
    file: "src/inspector/view/last_ones.ts",
    old: "const from = Math.max(seen, this.#count - this.#items.length);",
    new: "const from = seen;",
    suites: PARTS,
  },
  {
    name: "inspector-waits-for-ever",
    planted: "a thread that does not answer blocks the page for all others",
    file: "src/inspector/watched.ts",
    old: "return await Promise.race([answer, late]);",
    new: "return await answer;",
    suites: [{
      file: "tests/inspector/threads.test.ts",
      only: "says which thread does not answer, and goes on",
    }],
  },
  {
    name: "inspector-listens-for-ever",
    planted: "bytes are recorded although nobody looks any more",
    file: "src/inspector/view/tails.ts",
    old: "if (this.#open.size > 0) this.#awaitNext();",
    new: "",
    suites: TAILS,
  },
  {
    name: "inspector-of-the-stopped",
    planted: "an inspector of an already stopped runtime keeps running",
    file: "src/inspector/inspected.ts",
    old: "if (!connector.isStopped) return",
    new: "return",
    suites: [{
      file: "tests/inspector/inspect.test.ts",
      only: "ends with what it shows, also if that ends",
    }],
  },
  {
    name: "inspector-stranger-stays",
    planted: "a silent client holds a connection of the inspector for 100 s",
    file: "src/inspector/visitors.ts",
    old: "const STRANGER_MS = 10_000;",
    new: "const STRANGER_MS = 100_000;",
    suites: VISITORS,
  },
  {
    name: "inspector-strangers-keep-others-out",
    planted:
      "when all connections are taken, no silent client is dropped for a new one",
    file: "src/inspector/visitors.ts",
    old: "        return first.ctx.abort();\n",
    new: "        return;\n",
    suites: VISITORS,
  },
  {
    name: "inspector-body-behind-head",
    planted: "HEAD is answered with a body",
    file: "src/inspector/http/http_codec.ts",
    old: "if (!isHead) out.write(bytes);",
    new: "out.write(bytes);",
    suites: [{
      file: "tests/inspector/inspect.test.ts",
      only: "answers HEAD without a body, says which methods",
    }],
  },
  {
    name: "inspector-exposed-by-hand-over",
    planted:
      "an inherited socket may listen on a public address without a token",
    file: "src/inspector/inspect.ts",
    old: "checkExposure(inspector.address, token);",
    new: "",
    suites: [{
      file: "tests/inspector/inspect.test.ts",
      only: "is refused at a socket that was handed over, or",
    }],
  },
  {
    name: "inspector-images-of-others",
    planted:
      "an image on another site's page can send requests to the inspector",
    file: "src/inspector/access.ts",
    old: 'isReading(method) && !isOfOtherPage(headers.get("sec-fetch-site"))',
    new: "isReading(method)",
    suites: [{ file: "tests/inspector/inspect.test.ts" }],
  },
  {
    name: "inspector-as-many-as-asked",
    planted: "a request may ask for any number of rows",
    file: "src/inspector/routes.ts",
    old: "Math.min(Number(text), most)",
    new: "Number(text)",
    suites: [{ file: "tests/inspector/bounds.test.ts" }],
  },
  {
    name: "inspector-stale-rates",
    planted: "rates are averaged over the hours in which nobody looked",
    file: "src/inspector/view/rates.ts",
    old: "this.#before = last !== undefined && now - last.at < STALE_MS",
    new: "this.#before = last !== undefined",
    suites: [{ file: "tests/inspector/rates.test.ts" }],
  },
  {
    name: "inspector-rates-of-a-moment",
    planted: "two samples in quick succession give rates over almost no time",
    file: "src/inspector/view/rates.ts",
    old: "if (last !== undefined && now - last.at < SPAN_MS) return;",
    new: "",
    suites: [{ file: "tests/inspector/rates.test.ts" }],
  },
  {
    name: "inspector-keeps-whole-reads",
    planted: "a tail keeps whole reads instead of their first bytes",
    file: "src/inspector/view/tail.ts",
    old: "Math.min(end, start + MOST_BYTES)",
    new: "end",
    suites: [{ file: "tests/inspector/bounds.test.ts" }],
  },
  {
    name: "inspector-questions-pile-up",
    planted: "questions pile up for a thread that does not answer",
    file: "src/inspector/watched.ts",
    old: "if (waiting >= MOST_WAITING) return undefined;",
    new: "",
    suites: [{ file: "tests/inspector/watched.test.ts" }],
  },
  {
    name: "inspector-two-hosts",
    planted: "a request with two Host fields is answered",
    file: "src/inspector/server.ts",
    old: 'return host === undefined || host.includes(",")',
    new: "return host === undefined",
    suites: [{ file: "tests/inspector/inspect.test.ts" }],
  },
  {
    name: "inspector-closes-not-at-all",
    planted: '"close" in a list of connection options is ignored',
    file: "src/inspector/http/http_message.ts",
    old: 'connection.toLowerCase().split(/[ \\t]*,[ \\t]*/).includes("close")',
    new: 'connection.toLowerCase() === "close"',
    suites: [{
      file: "tests/inspector/inspect.test.ts",
      only: "ends the connection where",
    }],
  },
  {
    name: "top-moves-the-cursor",
    planted: "control characters in a peer's name can move the cursor",
    file: "src/entries/cli/text.ts",
    old: 'return text.replace(CONTROL, "?");',
    new: "return text;",
    suites: [{ file: "tests/inspector/cli.test.ts" }],
  },
  {
    name: "top-negative-rates",
    planted: "a restarted thread is shown with negative rates",
    file: "src/entries/cli/screen.ts",
    old:
      "Math.max(0, stats[name] - (known.get(thread)?.[name] ?? stats[name]))",
    new: "stats[name] - (known.get(thread)?.[name] ?? stats[name])",
    suites: [{ file: "tests/inspector/cli.test.ts" }],
  },
  {
    name: "inspector-refusal-not-last",
    planted: "a connection is kept open after a bad request",
    file: "src/inspector/http/http_message.ts",
    old: "return { ...response, isHead: false, isLast: true };",
    new: "return { ...response, isHead: false, isLast: false };",
    suites: [{
      file: "tests/inspector/inspect.test.ts",
      only: "answers a bad request",
    }],
  },
  {
    name: "inspector-any-version",
    planted: "a request of another HTTP version is called malformed",
    file: "src/inspector/http/http_codec.ts",
    old: "throw OTHER_VERSION.test(requestLine)",
    new: "throw OTHER_VERSION.test(method)",
    suites: [{
      file: "tests/inspector/inspect.test.ts",
      only: "answers a bad request",
    }],
  },
  {
    name: "top-without-served",
    planted: "reactio top shows no requests to servers",
    file: "src/entries/cli/screen.ts",
    old: "thread.stats.requested.inFlight + thread.stats.served.inFlight",
    new: "thread.stats.requested.inFlight",
    suites: [{
      file: "tests/inspector/cli.test.ts",
      only: "shows no more than the screen has room for",
    }],
  },
];
