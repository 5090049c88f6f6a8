// @ts-check

/**
 * Bugs of the simulated network.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const simMutants = [
  {
    name: "bytes-overtake",
    planted:
      "where the buffer of a connection wraps around, bytes overtake others",
    file: "src/sim/byte_ring.ts",
    old:
      "target.set(this.#bytes.subarray(at, at + first), 0);\n    if (first < count) {\n      target.set(this.#bytes.subarray(0, count - first), first);",
    new:
      "target.set(this.#bytes.subarray(at, at + first), count - first);\n    if (first < count) {\n      target.set(this.#bytes.subarray(0, count - first), 0);",
    suites: [{ file: "tests/sim/socket.test.ts" }],
  },
  {
    name: "reset-overtakes",
    planted: "a reset overtakes the bytes that were sent before it",
    file: "src/sim/pipe.ts",
    old: "return Math.max(this.#lastArrival, this.path.arrivalOf(count));",
    new: "return this.path.arrivalOf(count);",
    suites: [{ file: "tests/sim/reset.test.ts" }],
  },
  {
    name: "empty-write-let-pass",
    planted: "a write of no bytes, which nobody is to make, is not found",
    file: "src/sim/sim_socket.ts",
    old: "start < end && end <= size",
    new: "start <= end && end <= size",
    suites: [{ file: "tests/sim/contract.test.ts" }],
  },
  {
    name: "seed-is-not-all",
    planted: "a run with the same seed is another one",
    file: "src/sim/random.ts",
    old: "return this.#next() < probability * TWO_32;",
    new: "return Math.random() < probability;",
    suites: [{ file: "tests/sim/network.test.ts" }, {
      file: "tests/sim/simulate.test.ts",
    }],
  },
  {
    name: "simulated-tls-believes-all",
    planted: "a simulated client believes a certificate that nobody has signed",
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
    planted: "an end that simulated TLS does not say passes for one",
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
    planted: "an end of a simulated handshake that fails does not say why",
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
    planted: "a rate of faults that is undefined is refused, and not left out",
    file: "src/api/options/rules.ts",
    old: "if (value === undefined) continue;\n      checkOption(",
    new: "checkOption(",
    suites: [{ file: "tests/docs/options.test.ts" }],
  },
  {
    name: "recording-forgets-sent",
    planted: "a recording does not have what a connection has sent",
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
    planted: "a recording that is damaged passes for a good one",
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
    planted: "what a recorder or its tap throws leaves the event of the socket",
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
    planted: "the promise of a sink that rejects ends the process",
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
    planted: "what is replayed does not come in the pieces of then",
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
    planted: "a run that fails is told with all its faults",
    file: "src/sim/shrink.ts",
    old:
      "if (found && found.faults.length < best.faults.length) smaller = found;",
    new: "",
    suites: [{ file: "tests/sim/simulate.test.ts" }],
  },
  {
    name: "simulated-wildcard-of-any-depth",
    planted: "a simulated certificate is for names of any depth",
    file: "src/sim/tls/certificates.ts",
    old: "return dot > 0 && name.slice(dot) === pattern.slice(1);",
    new: "return name.endsWith(pattern.slice(1));",
    suites: [{ file: "tests/tls/simulated.test.ts" }, {
      file: "tests/tls/faults_simulated.test.ts",
    }],
  },
  {
    name: "recording-over-another",
    planted: "a recording is written over a file that is there",
    file: "src/recording/recording_file.ts",
    old: 'files.openSync(file, "wx", OWNER_ONLY)',
    new: 'files.openSync(file, "w" as "wx", OWNER_ONLY)',
    suites: [{ file: "tests/recording/recording.test.ts" }],
  },
  {
    name: "recording-for-everybody",
    planted: "others than the owner may read a recording",
    file: "src/recording/recording_file.ts",
    old: "const OWNER_ONLY = 0o600;",
    new: "const OWNER_ONLY = 0o644;",
    suites: [{ file: "tests/recording/recording.test.ts" }],
  },
  {
    name: "recording-of-half-an-hour",
    planted: "times of more than half an hour are read wrong in a recording",
    file: "src/recording/format.ts",
    old: "value += (bytes[i] & ~MORE) * 2 ** shift;",
    new: "value += (bytes[i] & ~MORE) << shift;",
    suites: [{ file: "tests/recording/recording.test.ts" }],
  },
];
