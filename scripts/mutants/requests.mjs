// @ts-check

const MODEL = [{ file: "tests/properties/request_dispatcher.test.ts" }];
const SERVE = [{ file: "tests/sim/adapter.test.ts", only: "sim: serve" }];
const CLIENT = [{
  file: "tests/sim/adapter.test.ts",
  only: "sim: a client of requests",
}];

const BOTH_WAYS = [{
  file: "tests/sim/adapter.test.ts",
  only: "sim: requests both ways",
}];

const CONNECTION = "src/toolkit/requests/server/served_connection.ts";
const DISPATCHER = "src/toolkit/requests/client/request_dispatcher.ts";
const CLIENT_FILE = "src/toolkit/requests/request_client.ts";
const LIFE_FILE = "src/toolkit/requests/client/client_life.ts";

/**
 * Bugs in servers and clients of requests.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const requestMutants = [
  {
    name: "replaced-takes-the-new-one-along",
    planted:
      "the end of a replaced connection is taken for the end of its successor",
    file: "src/toolkit/requests/client/client_life.ts",
    old: "if (link !== this.#link) return;",
    new: "",
    suites: [{
      file: "tests/sim/adapter.test.ts",
      only: "replaces the first connection",
    }],
  },
  {
    name: "full-stops-answers",
    planted:
      "an end that answers as much as it may stops reading the answers that it waits for",
    file: CONNECTION,
    old: `      if (isIdle) this.#onServed(this.#isEnding);
      return;`,
    new: "      if (isIdle) return this.#onServed(this.#isEnding);",
    suites: BOTH_WAYS,
  },
  {
    name: "asked-without-end",
    planted: "refusals of requests wait without limit",
    file: CONNECTION,
    old: "this.#underWay.size >= 2 * concurrency",
    new: "false && concurrency > 0",
    suites: BOTH_WAYS,
  },
  {
    name: "stray-answer-asked",
    planted: "an answer that nobody waits for is taken for a request",
    file: CLIENT_FILE,
    old: "if (isAnswer && this.#dispatcher.receive(kept)) return;",
    new: `if (isAnswer && this.#dispatcher.receive(kept)) return;
    if (served) return served.onMessage(message);`,
    suites: BOTH_WAYS,
  },
  {
    name: "stop-forgets-what-it-answers",
    planted:
      "a stopped end that waits for nothing loses the answers that it owes",
    file: LIFE_FILE,
    old: "if (this.#link?.serving?.isServing) return;",
    new: "",
    suites: BOTH_WAYS,
  },
  {
    name: "close-forgets-what-it-answers",
    planted: "a client that is closed goes on with requests of its peer",
    file: LIFE_FILE,
    old: "this.#link?.serving?.drain();",
    new: "",
    suites: BOTH_WAYS,
  },
  {
    name: "fin-keeps-requests-in-flight",
    planted:
      "after the peer's FIN its requests are answered, but those to it wait for their time limit",
    file: LIFE_FILE,
    old: "if (link === this.#link) this.#dispatcher.detach(undefined);",
    new: "",
    suites: BOTH_WAYS,
  },
  {
    name: "stop-cuts-without-on-error",
    planted:
      "a request during a stop closes the connection before earlier ones are answered",
    file: CONNECTION,
    old: "if (refusal && this.#isDraining && !settings.onError) return;",
    new: "",
    suites: BOTH_WAYS,
  },
  {
    name: "failure-taken-for-flood",
    planted:
      "a handler that fails while refusals wait closes the connection, though onError would answer",
    file: CONNECTION,
    old: "isFatal = false,",
    new:
      "isFatal = this.#underWay.size >= 2 * this.#server.settings.concurrency,",
    suites: BOTH_WAYS,
  },
  {
    name: "requests-before-greeting",
    planted: "requests that wait are sent before what the server says first",
    file: CLIENT_FILE,
    old: "served !== undefined || onConnected !== undefined;",
    new: "onConnected !== undefined;",
    suites: BOTH_WAYS,
  },
  {
    name: "closing-client-serves",
    planted:
      "a client that is being closed begins the requests that come in on its next connection",
    file: LIFE_FILE,
    old: "if (this.#isClosing) serving?.drain();",
    new: "",
    suites: BOTH_WAYS,
  },
  {
    name: "unused-client-kept",
    planted:
      "a runtime keeps the clients of all connections that it has ever had",
    file: LIFE_FILE,
    old:
      "if (isIdle && this.#link === undefined && this.#kept === undefined) {",
    new: "if (false && isIdle) {",
    suites: [{ file: "tests/toolkit/unused_clients.test.ts" }],
  },
  {
    name: "id-given-again",
    planted: "an id is reused while a late answer may still carry it",
    file: "src/toolkit/requests/client/id_sequence.ts",
    old: "if (!isUsed(id)) return id;",
    new: "return id;",
    suites: MODEL,
  },
  {
    name: "late-answers-block",
    planted: "a connection whose whole window waits for late answers is kept",
    file: "src/toolkit/requests/client/correlator.ts",
    old: "return this.overdueCount === this.#windowSize;",
    new: "return false;",
    suites: MODEL,
  },
  {
    name: "time-out-frees-place",
    planted: "after timeouts a peer gets more requests than the window allows",
    file: "src/toolkit/requests/client/correlator.ts",
    old: "return this.size < this.#windowSize;",
    new: "return this.inFlightCount < this.#windowSize;",
    suites: MODEL,
  },
  {
    name: "late-answer-keeps-counting",
    planted: "a late answer that has arrived is still waited for",
    file: "src/toolkit/requests/client/correlator.ts",
    old: "if (pending?.isOverdue) this.overdueCount--;",
    new: "",
    suites: MODEL,
  },
  {
    name: "cancelled-and-sent",
    planted: "a request cancelled before it was sent is sent",
    file: DISPATCHER,
    old: `      this.#queue.delete(pending);
      return this.#fail(pending, error);`,
    new: "      return this.#fail(pending, error);",
    suites: MODEL,
  },
  {
    name: "sent-before-forgotten",
    planted: "a request waiting to be resent is reported as never sent",
    file: DISPATCHER,
    old: "failures.notSent(time, this.#waiting, wasSent);",
    new: "failures.notSent(time, this.#waiting, wasSent && false);",
    suites: MODEL,
  },
  {
    name: "time-limit-outlives-answer",
    planted: "the timeout of an answered request stays armed",
    file: DISPATCHER,
    old: `    pending.timeout?.cancel();
    if (pending.isSettled) this.lateCount++;`,
    new: "    if (pending.isSettled) this.lateCount++;",
    suites: MODEL,
  },
  {
    name: "sent-again-last",
    planted: "resent requests are queued behind new ones",
    file: "src/toolkit/requests/client/request_queue.ts",
    old: "new Set([...others, ...this.#others])",
    new: "new Set([...this.#others, ...others])",
    suites: MODEL,
  },
  {
    name: "sent-twice-unasked",
    planted: "a lost request is resent even if it is not idempotent",
    file: DISPATCHER,
    old: "(pending.isIdempotent ? again : lost).push(pending);",
    new: "again.push(pending);",
    suites: MODEL,
  },
  {
    name: "max-queue-off-by-one",
    planted: "one request more than maxQueue may wait",
    file: DISPATCHER,
    old: "if (isNext || size < this.#host.maxQueue) return;",
    new: "if (isNext || size <= this.#host.maxQueue) return;",
    suites: MODEL,
  },
  {
    name: "signal-keeps-requests",
    planted: "the abort listener of a finished request is not removed",
    file: "src/toolkit/requests/client/pending_request.ts",
    old: `this.#signal?.removeEventListener("abort", onAbort);`,
    new: "",
    suites: CLIENT,
  },
  {
    name: "id-not-restored",
    planted: "an answer is delivered with the wire's id",
    file: "src/toolkit/requests/client/by_id.ts",
    old: "return this.#correlation.restoreId?.(response, message) ?? response;",
    new: "return message === undefined ? response : response;",
    suites: CLIENT,
  },
  {
    name: "begun-too-early",
    planted: "waiting requests are sent before onConnected is done",
    file: "src/toolkit/requests/client/request_queue.ts",
    old: "if (isBeginning) return undefined;",
    new: "void isBeginning;",
    suites: CLIENT,
  },
  {
    name: "login-on-the-next",
    planted: "a request made in onConnected is sent on the next connection",
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
      "requests wait for ever when a stopped runtime loses its last connection",
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
    planted: "a draining client does not close when it becomes idle",
    file: LIFE_FILE,
    old:
      "else if (this.#isDraining && (isIdle || !isConnected)) this.#closeLink();",
    new: "",
    suites: CLIENT,
  },
  {
    name: "client-idles-unheard",
    planted: "a client's onIdle hook is not called",
    file: CLIENT_FILE,
    old: ": servedIdle ?? onIdle,",
    new: ": servedIdle,",
    suites: CLIENT,
  },
  {
    name: "client-closes-untold",
    planted: "a client's onClose hook is not called",
    file: CLIENT_FILE,
    old: "if (served === undefined) return onClose?.(reason, ctx);",
    new: "if (served === undefined) return;",
    suites: CLIENT,
  },
  {
    name: "client-sends-to-nobody",
    planted: "a one-way message counts as sent although there is no connection",
    file: CLIENT_FILE,
    old: "this.#life.link?.send(message) ?? SendOrQueueResult.Closed",
    new: "this.#life.link?.send(message) ?? SendOrQueueResult.InQueue",
    suites: CLIENT,
  },
  {
    name: "server-idles-always-told",
    planted: "a server without onIdle keeps a silent peer",
    file: CONNECTION,
    old: "return onIdle && ((kind) => onIdle(kind, this));",
    new: "return (kind) => onIdle?.(kind, this);",
    suites: CLIENT,
  },
  {
    name: "answers-out-of-order",
    planted: "an answer overtakes earlier ones",
    file: CONNECTION,
    old: "const isNext = this.#isUnordered || this.#underWay.size === 0;",
    new: "const isNext = true;",
    suites: SERVE,
  },
  {
    name: "concurrency-off-by-one",
    planted: "one request more than concurrency allows is handled at a time",
    file: CONNECTION,
    old: "size >= this.#server.settings.concurrency;",
    new: "size > this.#server.settings.concurrency;",
    suites: SERVE,
  },
  {
    name: "answer-after-time-out",
    planted: "a handler that has timed out still answers",
    file: CONNECTION,
    old: "if (request.awaited !== promise) {",
    new: "if (request.awaited !== promise && request.awaited !== undefined) {",
    suites: SERVE,
  },
  {
    name: "fin-drops-answers",
    planted: "the peer's FIN closes a connection with pending requests",
    file: CONNECTION,
    old: "if (isIdle && this.#isEnding) return this.ctx.close();",
    new: "if (this.#isEnding) return this.ctx.close();",
    suites: SERVE,
  },
  {
    name: "signals-not-aborted",
    planted: "handlers are not told that their peer is gone",
    file: CONNECTION,
    old: "for (const request of requests) request.abort(why);",
    new: "for (const request of requests) void [request, why];",
    suites: [{
      file: "tests/sim/adapter.test.ts",
      only: "counts, seed 1.*aborts the signals of requests under way with",
    }],
  },
  {
    name: "begun-while-draining",
    planted: "new requests are handled although the runtime is stopping",
    file: CONNECTION,
    old: "this.#isEnding = this.#isDraining = true;",
    new: "this.#isEnding = true;",
    suites: SERVE,
  },
  {
    name: "drained-unasked",
    planted: "a connection closes before its server's onDrain can send",
    file: CONNECTION,
    old: `    const returned = this.#server.settings.onDrain?.(this);
    this.drain();
`,
    new: `    this.drain();
    const returned = this.#server.settings.onDrain?.(this);
`,
    suites: [{
      file: "tests/sim/adapter.test.ts",
      only: "onDrain of each connection can answer requests",
    }],
  },
  {
    name: "gone-and-waiting",
    planted: "a closed connection still waits for a handler slot",
    file: CONNECTION,
    old: "this.#server.slots.forget(this);",
    new: "",
    suites: SERVE,
  },
  {
    name: "on-error-gets-anything",
    planted: "onError gets what a handler threw, although it is no Error",
    file: CONNECTION,
    old: "const error = toError(thrown, HANDLER);",
    new: "const error = thrown as Error;",
    suites: [{
      file: "tests/sim/adapter.test.ts",
      only: "with something that is no Error give onError",
    }],
  },
  {
    name: "on-error-for-ever",
    planted: "onError is not subject to timeoutMs",
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
    planted: "a request whose handler calls drain is not answered",
    file: CONNECTION,
    old: "if (!this.#isCalling) this.#regulate();",
    new: "this.#regulate();",
    suites: SERVE,
  },
  {
    name: "slot-lost",
    planted: "a finished handler still counts as running",
    file: "src/toolkit/requests/server/handler_slots.ts",
    old: "    this.#usedCount--;\n",
    new: "    if (this.#waiting.size > 0) this.#usedCount--;\n",
    suites: SERVE,
  },
  {
    name: "encoding-error-closes",
    planted: "onError is not called if an answer cannot be encoded",
    file: CONNECTION,
    old: `        request.isAnswered = false;
        this.#fail(request, thrown);`,
    new: "        throw thrown;",
    suites: SERVE,
  },
];
