// @ts-check

const HTTP = [{ file: "tests/examples/http_hello/codec.test.ts" }];

/**
 * Bugs of the examples.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const exampleMutants = [
  {
    name: "mqtt-wildcard-finds-sys",
    planted: "who subscribes to # of an MQTT broker hears what is the broker's",
    file: "examples/mqtt_broker/topics.ts",
    old: "const isWild = i > 0 || !isReserved(topic);",
    new: "const isWild = true;",
    suites: [{ file: "tests/examples/mqtt_broker.test.ts" }],
  },
  {
    name: "mqtt-forgets-in-flight",
    planted:
      "what a client of an MQTT broker has not acknowledged is not sent again",
    file: "examples/mqtt_broker/session.ts",
    old: "this.#inFlight.set(id, message);",
    new: "this.#inFlight.set(id, { ...message, topic: `${message.topic}?` });",
    suites: [{ file: "tests/examples/mqtt_broker.test.ts" }],
  },
  {
    name: "mqtt-queue-without-bound",
    planted:
      "messages wait for an absent client of an MQTT broker without bound",
    file: "examples/mqtt_broker/session.ts",
    old: "const hasRoom = this.#queue.length < queuedMessages &&",
    new: "const hasRoom = this.#queue.length < Infinity ||",
    suites: [{ file: "tests/examples/mqtt_broker.test.ts" }],
  },
  {
    name: "mqtt-absent-without-bound",
    planted: "what waits for all absent clients of an MQTT broker has no bound",
    file: "examples/mqtt_broker/broker.ts",
    old: "if (session.isAbsent) this.#absent.grow(session.bytes - bytes);",
    new: "",
    suites: [{ file: "tests/examples/mqtt_broker.test.ts" }],
  },
  {
    name: "mqtt-small-overtakes",
    planted: "a small message to a client overtakes a large one that waits",
    file: "examples/mqtt_broker/session.ts",
    old: "if (this.#queue.length === 0 && this.#hasWindowFor(message)) {",
    new: "if (this.#hasWindowFor(message)) {",
    suites: [{ file: "tests/examples/mqtt_broker.test.ts" }],
  },
  {
    name: "mqtt-answers-cut-off",
    planted:
      "a client of an MQTT broker with threads that says no more gets no answers",
    file: "examples/mqtt_broker/local_clients.ts",
    old: 'end: () => broker.send({ type: "end", client }),',
    new: "end: () => connection.close(),",
    suites: [{ file: "tests/threads/mqtt_broker.test.ts" }],
  },
  {
    name: "mqtt-always-queues",
    planted:
      "a message of QoS 1 that an MQTT broker could send at once is dropped if it could not wait",
    file: "examples/mqtt_broker/session.ts",
    old: "if (this.#queue.length === 0 && this.#hasWindowFor(message)) {",
    new: "if (this.#queue.length > 0 && this.#hasWindowFor(message)) {",
    suites: [{ file: "tests/examples/mqtt_broker.test.ts" }],
  },
  {
    name: "mqtt-will-of-the-broker",
    planted: "the will of a client of an MQTT broker says what is the broker's",
    file: "examples/mqtt_broker/client.ts",
    old: "if (!isReserved(message.topic)) this.#broker.publish(message);",
    new: "this.#broker.publish(message);",
    suites: [{ file: "tests/examples/mqtt_broker.test.ts" }],
  },
  {
    name: "mqtt-hears-who-is-over",
    planted:
      "an MQTT broker takes what another thread passes on of a client whose session another one has by now",
    file: "examples/mqtt_broker/client.ts",
    old: "if (this.#isOver) return;",
    new: "",
    suites: [{ file: "tests/examples/mqtt_broker.test.ts" }],
  },
  {
    name: "mqtt-unnamed-takes-over",
    planted:
      "a client of an MQTT broker without an id takes the session of another one",
    file: "examples/mqtt_broker/broker.ts",
    old: "const id = clientId || `\\0${++this.#unnamedCount}`;",
    new: "const id = clientId || `unnamed-${++this.#unnamedCount}`;",
    suites: [{ file: "tests/examples/mqtt_broker.test.ts" }],
  },
  {
    name: "mqtt-reads-on",
    planted:
      "a thread reads on from the clients of an MQTT broker that is behind",
    file: "examples/mqtt_broker/local_clients.ts",
    old: "void connection.pauseUntil(broker.whenRoom());",
    new: "",
    suites: [{ file: "tests/examples/mqtt_broker.test.ts" }],
  },
  {
    name: "hub-tells-without-bound",
    planted: "a hub takes more than a thread that is busy can be told",
    file: "examples/hub.ts",
    old: "for (let full; (full = fullChannel());) await full.whenRoom();",
    new: "",
    suites: [{ file: "tests/examples/mqtt_broker.test.ts" }],
  },
  {
    name: "hub-falls-with-a-thread",
    planted: "a thread that fails to do what a hub wants ends the hub",
    file: "examples/hub.ts",
    old: "return this.end(error);",
    new: "throw error;",
    suites: [{ file: "tests/examples/chat.test.ts" }],
  },
  {
    name: "hub-fails-all",
    planted: "an error of a hub ends the thread whose client was the cause",
    file: "examples/hub.ts",
    old: 'if (type !== "gone") this.#fail(client);',
    new: "throw error;",
    suites: [{ file: "tests/examples/hub.test.ts" }],
  },
  {
    name: "hub-keeps-who-is-lost",
    planted: "a hub does not hear that a thread is gone",
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
    planted: "a request that says twice how long its body is gets served",
    file: "examples/http_hello/head.ts",
    old: "if (before !== undefined && ONCE.includes(key)) {",
    new: 'if (before !== undefined && key === "host") {',
    suites: HTTP,
  },
  {
    name: "http-length-and-chunks",
    planted: "a request with a length and with chunks gets served",
    file: "examples/http_hello/head.ts",
    old: "if (length !== undefined || isOld) {",
    new: "if (isOld) {",
    suites: HTTP,
  },
  {
    name: "http-any-host",
    planted: "a request whose Host is none gets served",
    file: "examples/http_hello/head.ts",
    old: "if (!HOST.test(host))",
    new: "if (false)",
    suites: HTTP,
  },
  {
    name: "http-any-trailer",
    planted: "what stands behind the last chunk need be no field",
    file: "examples/http_hello/chunks.ts",
    old:
      'readField(Buffer.from(bytes.subarray(at, next - 2)).toString("latin1"));',
    new: "",
    suites: HTTP,
  },
  {
    name: "http-trims-too-much",
    planted:
      "characters other than spaces are taken away from the value of a field",
    file: "examples/http_hello/head.ts",
    old: "return line.slice(start, end);",
    new: "return line.slice(start, end).trim();",
    suites: HTTP,
  },
  {
    name: "http-many-small-chunks",
    planted: "a body in a great many chunks is looked at again with each read",
    file: "examples/http_hello/chunks.ts",
    old: "if (next + 2 - start - size > MAX_AROUND) throw tooMuchAround();",
    new: "",
    suites: HTTP,
  },
];
