// @ts-check

const HTTP = [{ file: "tests/examples/http_hello/codec.test.ts" }];

/**
 * Bugs in the examples.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const exampleMutants = [
  {
    name: "mqtt-wildcard-finds-sys",
    planted: "an MQTT subscription to # matches the broker's own $SYS topics",
    file: "examples/mqtt_broker/topics.ts",
    old: "const isWild = i > 0 || !isReserved(topic);",
    new: "const isWild = true;",
    suites: [{ file: "tests/examples/mqtt_broker.test.ts" }],
  },
  {
    name: "mqtt-forgets-in-flight",
    planted:
      "messages that an MQTT client has not acknowledged are resent with a wrong topic",
    file: "examples/mqtt_broker/session.ts",
    old: "this.#inFlight.set(id, message);",
    new: "this.#inFlight.set(id, { ...message, topic: `${message.topic}?` });",
    suites: [{ file: "tests/examples/mqtt_broker.test.ts" }],
  },
  {
    name: "mqtt-queue-without-bound",
    planted: "the queue of an absent MQTT client has no bound",
    file: "examples/mqtt_broker/session.ts",
    old: "const hasRoom = this.#queue.length < queuedMessages &&",
    new: "const hasRoom = this.#queue.length < Infinity ||",
    suites: [{ file: "tests/examples/mqtt_broker.test.ts" }],
  },
  {
    name: "mqtt-absent-without-bound",
    planted: "the queues of all absent MQTT clients together have no bound",
    file: "examples/mqtt_broker/broker.ts",
    old: "if (session.isAbsent) this.#absent.grow(session.bytes - bytes);",
    new: "",
    suites: [{ file: "tests/examples/mqtt_broker.test.ts" }],
  },
  {
    name: "mqtt-small-overtakes",
    planted: "a small MQTT message overtakes a large one that is queued",
    file: "examples/mqtt_broker/session.ts",
    old: "if (this.#queue.length === 0 && this.#hasWindowFor(message)) {",
    new: "if (this.#hasWindowFor(message)) {",
    suites: [{ file: "tests/examples/mqtt_broker.test.ts" }],
  },
  {
    name: "mqtt-answers-cut-off",
    planted: "with threads, an MQTT client that sends FIN gets no more answers",
    file: "examples/mqtt_broker/local_clients.ts",
    old: 'end: () => broker.send({ type: "end", client }),',
    new: "end: () => connection.close(),",
    suites: [{ file: "tests/threads/mqtt_broker.test.ts" }],
  },
  {
    name: "mqtt-always-queues",
    planted:
      "a QoS 1 message that could be sent at once is dropped if the queue has no room",
    file: "examples/mqtt_broker/session.ts",
    old: "if (this.#queue.length === 0 && this.#hasWindowFor(message)) {",
    new: "if (this.#queue.length > 0 && this.#hasWindowFor(message)) {",
    suites: [{ file: "tests/examples/mqtt_broker.test.ts" }],
  },
  {
    name: "mqtt-will-of-the-broker",
    planted:
      "the will of an MQTT client may publish to the broker's own topics",
    file: "examples/mqtt_broker/client.ts",
    old: "if (!isReserved(message.topic)) this.#broker.publish(message);",
    new: "this.#broker.publish(message);",
    suites: [{ file: "tests/examples/mqtt_broker.test.ts" }],
  },
  {
    name: "mqtt-hears-who-is-over",
    planted:
      "an MQTT broker still takes packets of a client whose session another one has taken over",
    file: "examples/mqtt_broker/client.ts",
    old: "if (this.#isOver) return;",
    new: "",
    suites: [{ file: "tests/examples/mqtt_broker.test.ts" }],
  },
  {
    name: "mqtt-unnamed-takes-over",
    planted: "an MQTT client without an id can take over another one's session",
    file: "examples/mqtt_broker/broker.ts",
    old: "const id = clientId || `\\0${++this.#unnamedCount}`;",
    new: "const id = clientId || `unnamed-${++this.#unnamedCount}`;",
    suites: [{ file: "tests/examples/mqtt_broker.test.ts" }],
  },
  {
    name: "mqtt-reads-on",
    planted:
      "a thread keeps reading from MQTT clients although the broker is behind",
    file: "examples/mqtt_broker/local_clients.ts",
    old: "void connection.pauseUntil(broker.whenRoom());",
    new: "",
    suites: [{ file: "tests/examples/mqtt_broker.test.ts" }],
  },
  {
    name: "hub-tells-without-bound",
    planted: "a hub goes on taking events for a busy thread without limit",
    file: "examples/hub.ts",
    old: "for (let full; (full = fullChannel());) await full.whenRoom();",
    new: "",
    suites: [{ file: "tests/examples/mqtt_broker.test.ts" }],
  },
  {
    name: "hub-falls-with-a-thread",
    planted: "a thread that fails to carry out a hub's command ends the hub",
    file: "examples/hub.ts",
    old: "return this.end(error);",
    new: "throw error;",
    suites: [{ file: "tests/examples/chat.test.ts" }],
  },
  {
    name: "hub-fails-all",
    planted: "a hub's error over one client ends that client's whole thread",
    file: "examples/hub.ts",
    old: 'if (type !== "gone") this.#fail(client);',
    new: "throw error;",
    suites: [{ file: "tests/examples/hub.test.ts" }],
  },
  {
    name: "hub-keeps-who-is-lost",
    planted: "a hub is not told that a thread is gone",
    file: "examples/hub.ts",
    old: "joined.loseClients();",
    new: "",
    suites: [
      { file: "tests/examples/chat.test.ts" },
      { file: "tests/examples/mqtt_broker.test.ts" },
    ],
  },
  {
    name: "http-two-lengths",
    planted: "a request with two lengths is served",
    file: "examples/http_hello/head.ts",
    old: "if (before !== undefined && ONCE.includes(key)) {",
    new: 'if (before !== undefined && key === "host") {',
    suites: HTTP,
  },
  {
    name: "http-length-and-chunks",
    planted: "a request with both a length and chunks is served",
    file: "examples/http_hello/head.ts",
    old: "if (length !== undefined || isOld) {",
    new: "if (isOld) {",
    suites: HTTP,
  },
  {
    name: "http-any-host",
    planted: "a request with an invalid Host is served",
    file: "examples/http_hello/head.ts",
    old: "if (!HOST.test(host))",
    new: "if (false)",
    suites: HTTP,
  },
  {
    name: "http-any-trailer",
    planted: "the trailer after the last chunk need not be a valid field",
    file: "examples/http_hello/chunks.ts",
    old:
      'readField(Buffer.from(bytes.subarray(at, next - 2)).toString("latin1"));',
    new: "",
    suites: HTTP,
  },
  {
    name: "http-trims-too-much",
    planted: "characters other than spaces are trimmed from a field's value",
    file: "examples/http_hello/head.ts",
    old: "return line.slice(start, end);",
    new: "return line.slice(start, end).trim();",
    suites: HTTP,
  },
  {
    name: "http-many-small-chunks",
    planted: "a body in very many chunks is parsed again with each read",
    file: "examples/http_hello/chunks.ts",
    old: "if (next + 2 - start - size > MAX_AROUND) throw tooMuchAround();",
    new: "",
    suites: HTTP,
  },
];
