// @ts-check

const PARTS = [{ file: "tests/inspector/best.test.ts" }];
const TAILS = [{ file: "tests/inspector/tails.test.ts" }];
const VISITORS = [{ file: "tests/inspector/visitors.test.ts" }];

/**
 * Bugs of the inspector.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const inspectorMutants = [
  {
    name: "inspector-token-begins",
    planted: "a token that begins as the right one does is taken",
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
    planted: "without a token, a name that somebody points here is answered",
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
    planted: "the page of somebody else may ask",
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
    planted: "without a token, others than this machine can reach it",
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
    planted: "connections are closed though that is not allowed",
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
    planted: "bytes are shown though that is not allowed",
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
    planted: "a request with two lengths is read",
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
    planted: "the best of many are cut one short",
    file: "src/inspector/view/best.ts",
    old: "worst = kept[count - 1];",
    new: "worst = kept[count - 2];",
    suites: PARTS,
  },
  {
    name: "inspector-forgets-missed",
    planted: "pieces that were dropped are told again",
    file: "src/inspector/view/last_ones.ts",
    old: "const from = Math.max(seen, this.#count - this.#items.length);",
    new: "const from = seen;",
    suites: PARTS,
  },
  {
    name: "inspector-waits-for-ever",
    planted: "a thread that does not answer keeps the page from all others",
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
    planted: "bytes are written down for nobody until somebody looks again",
    file: "src/inspector/view/tails.ts",
    old: "if (this.#open.size > 0) this.#awaitNext();",
    new: "",
    suites: TAILS,
  },
  {
    name: "inspector-of-the-stopped",
    planted: "an inspector of a runtime that was stopped before goes on",
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
    planted: "who says nothing keeps a place of an inspector for a minute",
    file: "src/inspector/visitors.ts",
    old: "const STRANGER_MS = 10_000;",
    new: "const STRANGER_MS = 100_000;",
    suites: VISITORS,
  },
  {
    name: "inspector-strangers-keep-others-out",
    planted: "where there is no place left, nobody gives way",
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
    planted: "a socket that was handed over may be one that others reach",
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
    planted: "an image of another page asks the inspector",
    file: "src/inspector/access.ts",
    old: 'isReading(method) && !isOfOtherPage(headers.get("sec-fetch-site"))',
    new: "isReading(method)",
    suites: [{ file: "tests/inspector/inspect.test.ts" }],
  },
  {
    name: "inspector-as-many-as-asked",
    planted: "as many rows are told as somebody asks for",
    file: "src/inspector/routes.ts",
    old: "Math.min(Number(text), most)",
    new: "Number(text)",
    suites: [{ file: "tests/inspector/bounds.test.ts" }],
  },
  {
    name: "inspector-stale-rates",
    planted: "rates are told of the hours in which nobody looked",
    file: "src/inspector/view/rates.ts",
    old: "this.#before = last !== undefined && now - last.at < STALE_MS",
    new: "this.#before = last !== undefined",
    suites: [{ file: "tests/inspector/rates.test.ts" }],
  },
  {
    name: "inspector-rates-of-a-moment",
    planted: "who looks twice at once is told rates of no time",
    file: "src/inspector/view/rates.ts",
    old: "if (last !== undefined && now - last.at < SPAN_MS) return;",
    new: "",
    suites: [{ file: "tests/inspector/rates.test.ts" }],
  },
  {
    name: "inspector-keeps-whole-reads",
    planted: "the bytes of a connection are kept whole that somebody looks at",
    file: "src/inspector/view/tail.ts",
    old: "Math.min(end, start + MOST_BYTES)",
    new: "end",
    suites: [{ file: "tests/inspector/bounds.test.ts" }],
  },
  {
    name: "inspector-questions-pile-up",
    planted: "questions pile up at a thread that does not answer",
    file: "src/inspector/watched.ts",
    old: "if (waiting >= MOST_WAITING) return undefined;",
    new: "",
    suites: [{ file: "tests/inspector/watched.test.ts" }],
  },
  {
    name: "inspector-two-hosts",
    planted: "a request that names two hosts is answered",
    file: "src/inspector/server.ts",
    old: 'return host === undefined || host.includes(",")',
    new: "return host === undefined",
    suites: [{ file: "tests/inspector/inspect.test.ts" }],
  },
  {
    name: "inspector-closes-not-at-all",
    planted: "a connection stays open whose request is the last, in a list",
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
    planted: "what the name of a peer is made of moves the cursor",
    file: "src/entries/cli/text.ts",
    old: 'return text.replace(CONTROL, "?");',
    new: "return text;",
    suites: [{ file: "tests/inspector/cli.test.ts" }],
  },
  {
    name: "top-negative-rates",
    planted: "a thread that was restarted is shown with rates below zero",
    file: "src/entries/cli/screen.ts",
    old:
      "Math.max(0, stats[name] - (known.get(thread)?.[name] ?? stats[name]))",
    new: "stats[name] - (known.get(thread)?.[name] ?? stats[name])",
    suites: [{ file: "tests/inspector/cli.test.ts" }],
  },
  {
    name: "inspector-refusal-not-last",
    planted: "a bad request is answered as if something could follow",
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
    planted: "a request of another version of HTTP is called malformed",
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
