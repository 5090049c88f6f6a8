// @ts-check

const MODEL = [{ file: "tests/properties/request_dispatcher.test.ts" }];
const SERVE = [{ file: "tests/sim/adapter.test.ts", only: "sim: serve" }];
const CLIENT = [{
  file: "tests/sim/adapter.test.ts",
  only: "sim: a client of requests",
}];

const CONNECTION = "src/toolkit/requests/server/served_connection.ts";
const DISPATCHER = "src/toolkit/requests/client/request_dispatcher.ts";
const CLIENT_FILE = "src/toolkit/requests/request_client.ts";
const LIFE_FILE = "src/toolkit/requests/client/client_life.ts";

/**
 * Bugs of servers and clients of requests.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const requestMutants = [
  {
    name: "replaced-takes-the-new-one-along",
    planted:
      "the end of a connection that was replaced is taken for that of the one in its place",
    file: "src/toolkit/requests/client/client_life.ts",
    old: "if (link !== this.#link) return;",
    new: "",
    suites: [{
      file: "tests/sim/adapter.test.ts",
      only: "replaces the first connection",
    }],
  },
  {
    name: "id-given-again",
    planted: "an id is given again while a late answer may name it",
    file: "src/toolkit/requests/client/id_sequence.ts",
    old: "if (!isUsed(id)) return id;",
    new: "return id;",
    suites: MODEL,
  },
  {
    name: "late-answers-block",
    planted: "a connection is kept though its window waits for late answers",
    file: "src/toolkit/requests/client/correlator.ts",
    old: "return this.overdueCount === this.#windowSize;",
    new: "return false;",
    suites: MODEL,
  },
  {
    name: "time-out-frees-place",
    planted: "a peer has more in hand than the window allows after time-outs",
    file: "src/toolkit/requests/client/correlator.ts",
    old: "return this.size < this.#windowSize;",
    new: "return this.inFlightCount < this.#windowSize;",
    suites: MODEL,
  },
  {
    name: "late-answer-keeps-counting",
    planted: "a late answer that came is still waited for",
    file: "src/toolkit/requests/client/correlator.ts",
    old: "if (pending?.isOverdue) this.overdueCount--;",
    new: "",
    suites: MODEL,
  },
  {
    name: "cancelled-and-sent",
    planted: "a request that was given up before it was sent is sent",
    file: DISPATCHER,
    old: `      this.#queue.delete(pending);
      return this.#fail(pending, error);`,
    new: "      return this.#fail(pending, error);",
    suites: MODEL,
  },
  {
    name: "sent-before-forgotten",
    planted:
      "a request that was sent, and waits to be again, counts as not sent",
    file: DISPATCHER,
    old: "failures.notSent(time, this.#waiting, wasSent);",
    new: "failures.notSent(time, this.#waiting, wasSent && false);",
    suites: MODEL,
  },
  {
    name: "time-limit-outlives-answer",
    planted: "the time limit of a request that was answered goes on",
    file: DISPATCHER,
    old: `    pending.timeout?.cancel();
    if (pending.isSettled) this.lateCount++;`,
    new: "    if (pending.isSettled) this.lateCount++;",
    suites: MODEL,
  },
  {
    name: "sent-again-last",
    planted: "what is sent again comes behind what was never sent",
    file: "src/toolkit/requests/client/request_queue.ts",
    old: "new Set([...others, ...this.#others])",
    new: "new Set([...this.#others, ...others])",
    suites: MODEL,
  },
  {
    name: "sent-twice-unasked",
    planted: "a request that was lost is sent again, idempotent or not",
    file: DISPATCHER,
    old: "(pending.isIdempotent ? again : lost).push(pending);",
    new: "again.push(pending);",
    suites: MODEL,
  },
  {
    name: "max-queue-off-by-one",
    planted: "one request more waits than maxQueue allows",
    file: DISPATCHER,
    old: "if (isNext || size < this.#host.maxQueue) return;",
    new: "if (isNext || size <= this.#host.maxQueue) return;",
    suites: MODEL,
  },
  {
    name: "signal-keeps-requests",
    planted: "the signal of a request that is over still has its listener",
    file: "src/toolkit/requests/client/pending_request.ts",
    old: `this.#signal?.removeEventListener("abort", onAbort);`,
    new: "",
    suites: CLIENT,
  },
  {
    name: "id-not-restored",
    planted: "an answer is handed out with the id of the wire",
    file: "src/toolkit/requests/client/by_id.ts",
    old: "return this.#correlation.restoreId?.(response, message) ?? response;",
    new: "return message === undefined ? response : response;",
    suites: CLIENT,
  },
  {
    name: "begun-too-early",
    planted: "what waits is sent before onConnected is done",
    file: "src/toolkit/requests/client/request_queue.ts",
    old: "if (isBeginning) return undefined;",
    new: "void isBeginning;",
    suites: CLIENT,
  },
  {
    name: "login-on-the-next",
    planted: "what onConnected asked is sent on the next connection",
    file: DISPATCHER,
    old: "const first = this.#queue.takeFirst();",
    new: "const first = lost;",
    suites: CLIENT,
  },
  {
    name: "queue-outlives-runtime",
    planted: "requests wait for ever when the runtime is stopped",
    file: LIFE_FILE,
    old: "if (this.#link === undefined) this.#endStopped();",
    new: "",
    suites: [{
      file: "tests/sim/adapter.test.ts",
      only:
        "counts, seed 1.*fails waiting and later requests when the runtime is stopped",
    }],
  },
  {
    name: "queue-outlives-last-connection",
    planted:
      "requests wait for ever when the last connection of a stopped runtime is gone",
    file: LIFE_FILE,
    old: "if (this.#isStopped) this.#endStopped();",
    new: "",
    suites: [{
      file: "tests/sim/adapter.test.ts",
      only:
        "counts, seed 1.*fails waiting and later requests when the runtime is stopped",
    }],
  },
  {
    name: "client-waits-for-drain",
    planted: "a client that is drained does not close when it is idle",
    file: LIFE_FILE,
    old: "if (this.#dispatcher.isIdle) this.#closeLink();",
    new: "",
    suites: CLIENT,
  },
  {
    name: "client-idles-unheard",
    planted: "a client is not told that its connection is idle",
    file: CLIENT_FILE,
    old: "onIdle: this.#hooks.onIdle,",
    new: "",
    suites: CLIENT,
  },
  {
    name: "client-closes-untold",
    planted: "nobody is told that a connection of a client is gone",
    file: CLIENT_FILE,
    old: "return this.#hooks.onClose?.(reason, ctx);",
    new: "",
    suites: CLIENT,
  },
  {
    name: "client-sends-to-nobody",
    planted:
      "a message that nobody answers counts as sent without a connection",
    file: CLIENT_FILE,
    old: "this.#life.link?.send(message) ?? SendOrQueueResult.Closed",
    new: "this.#life.link?.send(message) ?? SendOrQueueResult.InQueue",
    suites: CLIENT,
  },
  {
    name: "server-idles-always-told",
    planted: "a server without onIdle keeps a peer that is silent",
    file: CONNECTION,
    old: "return onIdle && ((kind) => onIdle(kind, this));",
    new: "return (kind) => onIdle?.(kind, this);",
    suites: CLIENT,
  },
  {
    name: "answers-out-of-order",
    planted: "an answer overtakes those before it",
    file: CONNECTION,
    old: "const isNext = this.#isUnordered || this.#underWay.size === 0;",
    new: "const isNext = true;",
    suites: SERVE,
  },
  {
    name: "concurrency-off-by-one",
    planted: "one request more is under way than concurrency allows",
    file: CONNECTION,
    old: "size >= this.#server.settings.concurrency;",
    new: "size > this.#server.settings.concurrency;",
    suites: SERVE,
  },
  {
    name: "answer-after-time-out",
    planted: "a handler that took too long answers all the same",
    file: CONNECTION,
    old: "if (request.awaited !== promise) {",
    new: "if (request.awaited !== promise && request.awaited !== undefined) {",
    suites: SERVE,
  },
  {
    name: "fin-drops-answers",
    planted: "the peer's FIN closes a connection with requests under way",
    file: CONNECTION,
    old: "if (isIdle && this.#isEnding) return this.ctx.close();",
    new: "if (this.#isEnding) return this.ctx.close();",
    suites: SERVE,
  },
  {
    name: "signals-not-aborted",
    planted: "handlers do not hear that their peer is gone",
    file: CONNECTION,
    old: "for (const request of requests) request.abort(why);",
    new: "for (const request of requests) void [request, why];",
    suites: [{
      file: "tests/sim/adapter.test.ts",
      only: "counts, seed 1.*aborts the signals of what is under way with",
    }],
  },
  {
    name: "begun-while-draining",
    planted: "requests are begun though the runtime is being stopped",
    file: CONNECTION,
    old: "this.#isEnding = this.#isDraining = true;",
    new: "this.#isEnding = true;",
    suites: SERVE,
  },
  {
    name: "drained-unasked",
    planted: "a connection closes before onDrain of its server could send",
    file: CONNECTION,
    old: `    const returned = this.#server.settings.onDrain?.(this);
    this.drain();
`,
    new: `    this.drain();
    const returned = this.#server.settings.onDrain?.(this);
`,
    suites: [{
      file: "tests/sim/adapter.test.ts",
      only: "onDrain of each connection answers what would wait for longer",
    }],
  },
  {
    name: "gone-and-waiting",
    planted: "a connection that is gone still waits for a handler",
    file: CONNECTION,
    old: "this.#server.slots.forget(this);",
    new: "",
    suites: SERVE,
  },
  {
    name: "on-error-for-ever",
    planted: "onError may take as long as it likes, whatever timeoutMs says",
    file: CONNECTION,
    old: "if (timeoutMs === 0) return;",
    new: "if (timeoutMs === 0 || request.hasFailed) return;",
    suites: [{
      file: "tests/sim/adapter.test.ts",
      only: "counts, seed 1.*whose onError takes longer than timeoutMs, too",
    }],
  },
  {
    name: "drain-drops-own-answer",
    planted: "a request that is the last, and says so, is not answered",
    file: CONNECTION,
    old: "if (!this.#isCalling) this.#regulate();",
    new: "this.#regulate();",
    suites: SERVE,
  },
  {
    name: "slot-lost",
    planted: "a handler that is done is counted as at work",
    file: "src/toolkit/requests/server/handler_slots.ts",
    old: "    this.#usedCount--;\n",
    new: "    if (this.#waiting.size > 0) this.#usedCount--;\n",
    suites: SERVE,
  },
  {
    name: "encoding-error-closes",
    planted: "onError is not asked if an answer cannot be encoded",
    file: CONNECTION,
    old: `        request.isAnswered = false;
        this.#fail(request, thrown);`,
    new: "        throw thrown;",
    suites: SERVE,
  },
];
