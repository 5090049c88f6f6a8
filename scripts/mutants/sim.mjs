// @ts-check

/**
 * Bugs in the simulated network, and in recordings.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const simMutants = [
  {
    name: "bytes-overtake",
    planted:
      "bytes are reordered where a connection's ring buffer wraps around",
    file: "src/sim/byte_ring.ts",
    old:
      "target.set(this.#bytes.subarray(at, at + first), 0);\n    if (first < count) {\n      target.set(this.#bytes.subarray(0, count - first), first);",
    new:
      "target.set(this.#bytes.subarray(at, at + first), count - first);\n    if (first < count) {\n      target.set(this.#bytes.subarray(0, count - first), 0);",
    suites: [{ file: "tests/sim/socket.test.ts" }],
  },
  {
    name: "reset-overtakes",
    planted: "a reset overtakes bytes sent before it",
    file: "src/sim/pipe.ts",
    old: "return Math.max(this.#lastArrival, this.path.arrivalOf(count));",
    new: "return this.path.arrivalOf(count);",
    suites: [{ file: "tests/sim/reset.test.ts" }],
  },
  {
    name: "empty-write-let-pass",
    planted: "an empty write, which is forbidden, is not detected",
    file: "src/sim/sim_socket.ts",
    old: "start < end && end <= size",
    new: "start <= end && end <= size",
    suites: [{ file: "tests/sim/contract.test.ts" }],
  },
  {
    name: "seed-is-not-all",
    planted: "two runs with the same seed differ",
    file: "src/sim/random.ts",
    old: "return this.#next() < probability * TWO_32;",
    new: "return Math.random() < probability;",
    suites: [{ file: "tests/sim/network.test.ts" }, {
      file: "tests/sim/simulate.test.ts",
    }],
  },
  {
    name: "simulated-tls-believes-all",
    planted:
      "a simulated client accepts a certificate without a valid signature",
    file: "src/adapters/tls/certificate_paths.ts",
    old: "certificate.verify(issuer.publicKey)",
    new: "true",
    suites: [{
      file: "tests/tls/faults_simulated.test.ts",
      only: "not if the authority has not signed what names",
    }],
  },
  {
    name: "simulated-tls-never-truncated",
    planted:
      "in simulated TLS, an end without close_notify counts as a clean end",
    file: "src/sim/tls/tls_end.ts",
    old: "this.#isTruncated = !this.#hasPeerClosed;",
    new: "this.#hasPeerClosed = true;",
    suites: [{
      file: "tests/tls/simulated.test.ts",
      only: "an end that TLS does not say ends no message",
    }],
  },
  {
    name: "simulated-alert-lost",
    planted: "a failed simulated handshake does not tell the peer the reason",
    file: "src/sim/tls/handshake.ts",
    old: 'if (reason !== "closed") this.#layer.writer.send(',
    new: 'if (reason === "closed") this.#layer.writer.send(',
    suites: [{
      file: "tests/tls/faults_simulated.test.ts",
      only: "by hand, at either end: untrusted",
    }],
  },
  {
    name: "undefined-is-no-rate",
    planted: "a fault rate of undefined is rejected instead of ignored",
    file: "src/api/options/rules.ts",
    old: "if (value === undefined) continue;\n      checkOption(",
    new: "checkOption(",
    suites: [{ file: "tests/docs/options.test.ts" }],
  },
  {
    name: "recording-forgets-sent",
    planted: "a recording lacks what a connection has sent",
    file: "src/recording/recorder.ts",
    old: "this.#addTraffic(EventKind.Sent, buffer, start, end);",
    new: "this.#addTraffic(EventKind.Sent, buffer, start, start);",
    suites: [{
      file: "tests/recording/recording.test.ts",
      only: "to a file shows its bug again in a simulation",
    }],
  },
  {
    name: "recording-damage-unseen",
    planted: "a damaged recording is accepted",
    file: "src/recording/recording.ts",
    old: "if (view.getUint32(end) !== crc32c(bytes.subarray(at, end))) {",
    new: "if (view.getUint32(end) === 0) {",
    suites: [{
      file: "tests/recording/recording.test.ts",
      only: "that is damaged is refused, or read as far as",
    }],
  },
  {
    name: "recorder-unguarded",
    planted:
      "an error thrown by a recorder or its tap escapes from the socket's event",
    file: "src/recording/record_by.ts",
    old: "    callGuarded(callback, (thrown) => this.#fail(thrown));",
    new: "    callback();",
    suites: [{
      file: "tests/recording/recording.test.ts",
      only: "goes on if its recorder throws, which costs a",
    }],
  },
  {
    name: "sink-rejects-unheard",
    planted: "a recording sink that rejects ends the process",
    file: "src/recording/recorder.ts",
    old:
      "callGuarded(() => this.#sink(piece), (thrown) => this.#fail(thrown));",
    new: "this.#sink(piece);",
    suites: [{
      file: "tests/recording/recording.test.ts",
      only: "goes on if its sink rejects, which costs a line",
    }],
  },
  {
    name: "replay-in-one-piece",
    planted: "a replay does not keep the timing of the recorded pieces",
    file: "src/sim/replay.ts",
    old: "const delayMs = Math.max(SHORTEST_GAP_MS, atMs - this.#atMs);",
    new: "const delayMs = 0;",
    suites: [{
      file: "tests/recording/recording.test.ts",
      only: "is played in the pieces and at the times of",
    }],
  },
  {
    name: "shrinks-nothing",
    planted: "a failing run is reported with all its faults",
    file: "src/sim/shrink.ts",
    old:
      "if (found && found.faults.length < best.faults.length) smaller = found;",
    new: "",
    suites: [{ file: "tests/sim/simulate.test.ts" }],
  },
  {
    name: "simulated-wildcard-of-any-depth",
    planted: "a simulated wildcard certificate matches any number of labels",
    file: "src/sim/tls/certificates.ts",
    old: "return dot > 0 && name.slice(dot) === pattern.slice(1);",
    new: "return name.endsWith(pattern.slice(1));",
    suites: [{ file: "tests/tls/simulated.test.ts" }, {
      file: "tests/tls/faults_simulated.test.ts",
    }],
  },
  {
    name: "recording-over-another",
    planted: "a recording overwrites an existing file",
    file: "src/recording/recording_file.ts",
    old: 'files.openSync(file, "wx", OWNER_ONLY)',
    new: 'files.openSync(file, "w" as "wx", OWNER_ONLY)',
    suites: [{ file: "tests/recording/recording.test.ts" }],
  },
  {
    name: "recording-for-everybody",
    planted: "a recording can be read by others than its owner",
    file: "src/recording/recording_file.ts",
    old: "const OWNER_ONLY = 0o600;",
    new: "const OWNER_ONLY = 0o644;",
    suites: [{ file: "tests/recording/recording.test.ts" }],
  },
  {
    name: "recording-of-half-an-hour",
    planted: "recorded times beyond half an hour are decoded wrong",
    file: "src/recording/format.ts",
    old: "value += (bytes[i] & ~MORE) * 2 ** shift;",
    new: "value += (bytes[i] & ~MORE) << shift;",
    suites: [{ file: "tests/recording/recording.test.ts" }],
  },
];
