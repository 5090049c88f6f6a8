// @ts-check

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
    suites: [{ file: "tests/mqtt_broker.test.ts" }],
  },
  {
    name: "mqtt-forgets-in-flight",
    planted:
      "what a client of an MQTT broker has not acknowledged is not sent again",
    file: "examples/mqtt_broker/session.ts",
    old: "this.#inFlight.set(id, message);",
    new: "this.#inFlight.set(id, { ...message, topic: `${message.topic}?` });",
    suites: [{ file: "tests/mqtt_broker.test.ts" }],
  },
  {
    name: "mqtt-queue-without-bound",
    planted:
      "messages wait for an absent client of an MQTT broker without bound",
    file: "examples/mqtt_broker/session.ts",
    old: "const hasRoom = this.#queue.length < queuedMessages &&",
    new: "const hasRoom = this.#queue.length < Infinity ||",
    suites: [{ file: "tests/mqtt_broker.test.ts" }],
  },
];
