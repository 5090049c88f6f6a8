// @ts-check

const RACE = [{ file: "tests/core/address_race.test.ts" }];
const LOADING = [{ file: "tests/core/loading.test.ts" }];
const KEPT = [{ file: "tests/toolkit/keep_connected.test.ts" }];

/**
 * Bugs in connects to host names, in clients that reconnect, and in inherited
 * sockets.
 */
export const connectingMutants = [
  {
    name: "tls-of-the-first-connect",
    planted: "a client that reconnects keeps presenting its first certificate",
    file: "src/toolkit/connecting/keep_connected.ts",
    old: "      ...CONNECT_OPTIONS.given(options),\n",
    new: `      ...CONNECT_OPTIONS.given(options),
      ...(options.tls ? { tls: { ...Object(options.tls) } } : {}),
`,
    suites: [{
      file: "tests/tls/programs_simulated.test.ts",
      only: "that stays connected shows at each connect what its tls has",
    }],
  },
  {
    name: "sockets-of-others",
    planted: "sockets inherited by another process are taken for ours",
    file: "src/toolkit/inherited_sockets.ts",
    old: "if (pid !== environment.processId) return [];",
    new: "if (pid === undefined) return [];",
    suites: [{
      file: "tests/toolkit/inherited_sockets.test.ts",
      only: "tells of none if there are none, or they are",
    }],
  },
  {
    name: "descriptor-twice",
    planted:
      "listening twice on one descriptor is not reported as address in use",
    file: "src/adapters/failure_kinds.ts",
    old: 'code === "EEXIST"',
    new: 'code === "none"',
    suites: [{
      file: "tests/toolkit/inherited_sockets.test.ts",
      only: "cannot listen on one twice, nor again",
    }],
  },
  {
    name: "first-client-dropped",
    planted:
      "a client that connected before the first of several threads listens is dropped",
    file: "src/threads/listen/listen_sender.ts",
    old: "const isFirst = !acceptor.hasPorts;",
    new: "const isFirst = acceptor === undefined;",
    suites: [{ file: "tests/threads/listen_sender.test.ts" }],
  },
  {
    name: "handed-over-without-address",
    planted: "an inherited TCP socket does not report its address",
    file: "src/adapters/host_addresses.ts",
    old:
      'if (requested.transport === "unix" || !hostname || port === undefined) {',
    new:
      'if (requested.transport !== "tcp" || !hostname || port === undefined) {',
    suites: [{
      file: "tests/toolkit/inherited_sockets.test.ts",
      only: "serves those of TCP at their own address",
    }],
  },
  {
    name: "losers-stay",
    planted: "connection attempts that lose the race go on and stay open",
    file: "src/core/address_race.ts",
    old: "for (const pending of this.#underWay.values()) pending.cancel();",
    new: "",
    suites: RACE,
  },
  {
    name: "one-by-one",
    planted: "an address that does not answer blocks the next one",
    file: "src/core/address_race.ts",
    old: "else this.#loop.arm(this.#nextIsDue, ATTEMPT_DELAY_MS);",
    new: "",
    suites: RACE,
  },
  {
    name: "refusal-waits",
    planted: "the address after one that refuses is tried only 250 ms later",
    file: "src/core/address_race.ts",
    old: "if (isNewest) this.#tryNext();",
    new: "void isNewest;",
    suites: RACE,
  },
  {
    name: "families-not-in-turn",
    planted: "all addresses of one family are tried before the other",
    file: "src/core/address_race.ts",
    old:
      ".flatMap((_, i) => families.flatMap((family) => family.slice(i, i + 1)))",
    new: ".slice(0, 0).concat(...families)",
    suites: RACE,
  },
  {
    name: "first-failure-counts",
    planted:
      "a race fails with the newest attempt although others are still pending",
    file: "src/core/address_race.ts",
    old: "} else if (this.#underWay.size === 0) {",
    new: "} else if (isNewest || this.#underWay.size === 0) {",
    suites: RACE,
  },
  {
    name: "back-off-begins-anew",
    planted:
      "the back-off restarts for a server that accepts and closes at once",
    file: "src/toolkit/connecting/reconnector.ts",
    old: "if (upMs > this.#settings.backoff.maxMs) this.#attempt = 0;",
    new: "if (upMs >= 0) this.#attempt = 0;",
    suites: [{
      file: "tests/toolkit/keep_connected.test.ts",
      only: "asks a server that accepts and closes at once",
    }],
  },
  {
    name: "no-jitter",
    planted:
      "clients that lose their server together reconnect at the same time",
    file: "src/toolkit/connecting/backoff.ts",
    old: "longest * (1 - random())",
    new: "longest",
    suites: [{
      file: "tests/toolkit/keep_connected.test.ts",
      only: "waits for a random part of that with jitter",
    }],
  },
  {
    name: "kept-connect-goes-on",
    planted: "a pending connect goes on after its client is closed",
    file: "src/toolkit/connecting/reconnector.ts",
    old: "const isGivenUp = this.#giveUp?.();",
    new: "const isGivenUp = this.#giveUp === undefined ? undefined : true;",
    suites: KEPT,
  },
  {
    name: "kept-ends-before-its-connection",
    planted: "a client closed just as it connects ends before its connection",
    file: "src/toolkit/connecting/reconnector.ts",
    old: "if (isGivenUp !== false && this.#connection",
    new: "if (this.#connection",
    suites: KEPT,
  },
  {
    name: "kept-after-stop",
    planted:
      "a client waiting to reconnect is not told that its runtime has stopped",
    file: "src/core/connector.ts",
    old: "for (const callback of this.#onStopped) callback();",
    new: "",
    suites: [{
      file: "tests/toolkit/keep_connected.test.ts",
      only: "connects again when the connection is lost, by",
    }],
  },
  {
    name: "cancelled-connect-goes-on",
    planted: "a connect cancelled while a module is loading still connects",
    file: "src/core/connect_attempt.ts",
    old: "if (this.#isOver) return;\n    const { options",
    new: "const { options",
    suites: LOADING,
  },
  {
    name: "stopped-listen-goes-on",
    planted: "a listen waiting for a module to load outlives a stop",
    file: "src/core/binder.ts",
    old: "if (this.#isStopped) throw stopped(action);\n        const end",
    new: "const end",
    suites: LOADING,
  },
  {
    name: "loaded-never-again",
    planted: "a module that failed to load once is never retried",
    file: "src/util/lazy.ts",
    old: "this.#loading.catch(() => this.#loading = undefined);",
    new: "",
    suites: [...LOADING, { file: "tests/util/lazy.test.ts" }],
  },
  {
    name: "simulation-waits-for-files",
    planted: "loading modules on demand takes real time in a simulation",
    file: "src/sim/network.ts",
    old: "    loadAll();\n",
    new: "",
    suites: [{
      file: "tests/core/proxy_simulated.test.ts",
      only: "headers that come in pieces, late, or not at",
    }],
  },
];
