// @ts-check
//
// Uses examples/mqtt_broker with mosquitto_pub, mosquitto_sub and the npm
// client mqtt.

import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { importPackage } from "../npx.mjs";
import { makeCertificate } from "./openssl.mjs";
import { Program } from "./program.mjs";

const EXAMPLE = "mqtt_broker/server";
const MQTT_JS = "mqtt@5.16.0";

/** Checks a broker, plain and with TLS, in one thread and in two. */
export async function* checkMqtt(
  /** @type {import("./program.mjs").Runtime} */ runtime,
) {
  // The only folder that Deno is permitted to read.
  const folder = fs.mkdtempSync(".mqtt-");
  const cert = path.join(folder, "cert.pem");
  const key = path.join(folder, "key.pem");
  makeCertificate(cert, key);
  const start = (/** @type {string[]} */ ...flags) =>
    runtime.start(EXAMPLE, "--port=0", ...flags);
  const broker = start();
  // Its queue is long enough for subscribers that are slower than the
  // publisher.
  const patient = start("--maxqueued=2000");
  const shared = start("--maxqueued=2000", "--threads=2");
  const credential = [`--cert=${cert}`, `--key=${key}`];
  const secured = start(...credential);
  const sharedSecured = start(...credential, "--threads=2");
  const half = start(`--cert=${cert}`);
  const running = [broker, patient, shared, secured, sharedSecured, half];
  try {
    const port = await broker.port();
    for (const check of [checkTopics, checkSession, checkWill]) {
      yield await check(port, running);
      yield `in two threads, ${await check(await shared.port(), running)}`;
    }
    yield await checkMany(await patient.port(), running);
    yield `in two threads, ${await checkMany(await shared.port(), running)}`;
    const [sent, answer] = ["GET / HTTP/1.0\r\n\r\n", await ask(port)];
    assert.equal(answer, "", `${sent} is answered`);
    const unsupported = await end(publishing(port, "a", "-V", "mqttv5"));
    assert.notEqual(unsupported.code, 0);
    await broker.printed(/CodecError: .* begins with 71/);
    yield "anything but MQTT, and MQTT 5, is refused";

    yield await checkMqttJs({ port, protocol: "mqtt" });
    const ca = fs.readFileSync(cert);
    for (
      const [where, program] of /** @type {const} */ ([
        ["", secured],
        ["in two threads, ", sharedSecured],
      ])
    ) {
      const tlsPort = await program.port();
      const trusting = ["--cafile", cert, "-h", "localhost"];
      const { code, output } = await end(
        publishing(tlsPort, "tls", "-q", "1", ...trusting),
      );
      assert.equal(code, 0, output);
      assert.notEqual((await end(publishing(tlsPort, "tls"))).code, 0);
      const passed = await checkMqttJs({
        port: tlsPort,
        protocol: "mqtts",
        ca,
      });
      yield `${where}${passed}, and mosquitto_pub, in TLS`;
    }
    assert.equal(await half.ended(), 1);
    assert.match(half.output, /--cert and --key go together/);
    for (const program of [broker, shared, secured, sharedSecured]) {
      assert.equal(await program.terminate(), 0, program.output);
    }
    yield "half a credential is refused, and SIGTERM ends it";
  } finally {
    for (const program of running) program.kill();
    fs.rmSync(folder, { recursive: true });
  }
}

/** Starts mosquitto_pub with these options, and the message "x" by default. */
function publishing(
  /** @type {number} */ port,
  /** @type {string} */ topic,
  /** @type {string[]} */ ...options
) {
  const hasMessage = options.includes("-m") || options.includes("-n");
  return new Program([
    ...["mosquitto_pub", "-h", "127.0.0.1", "-p", `${port}`, "-t", topic],
    ...[...hasMessage ? [] : ["-m", "x"], ...options],
  ]);
}

async function publish(
  /** @type {Parameters<typeof publishing>} */ ...args
) {
  const { code, output } = await end(publishing(...args));
  assert.equal(code, 0, output);
}

async function end(/** @type {Program} */ program) {
  const code = await program.ended();
  return { code, output: program.output };
}

/** Starts mosquitto_sub, which ends after `count` messages. */
function subscribing(
  /** @type {Program[]} */ running,
  /** @type {number} */ port,
  /** @type {number} */ count,
  /** @type {string[]} */ ...options
) {
  // Writing to a pipe, it would print nothing until it ends.
  const program = new Program([
    ...["stdbuf", "-oL", "mosquitto_sub", "-h", "127.0.0.1", "-d"],
    ...["-p", `${port}`, "-C", `${count}`, "-F", "<%t %p q%q r%r>", ...options],
  ]);
  running.push(program);
  return program;
}

/** Starts mosquitto_sub. Resolves once it has subscribed. */
async function subscribed(
  /** @type {Parameters<typeof subscribing>} */ ...args
) {
  const program = subscribing(...args);
  await program.printed(/received SUBACK/);
  return program;
}

/** Resolves to the output of a subscriber once it has ended. */
async function heard(/** @type {Program} */ subscriber) {
  assert.equal(await subscriber.ended(), 0, subscriber.output);
  return subscriber.output.match(/<.*>/g) ?? [];
}

async function checkTopics(
  /** @type {number} */ port,
  /** @type {Program[]} */ running,
) {
  const [one, two] = await Promise.all([
    subscribed(running, port, 2, "-t", "+/b", "-q", "1"),
    subscribed(running, port, 3, "-t", "a/#", "-q", "2"),
  ]);
  await publish(port, "a/b", "-m", "1", "-q", "0");
  await two.printed(/<a\/b 1 /); // nobody has acknowledged it yet
  await publish(port, "a", "-m", "2", "-q", "2");
  await publish(port, "$SYS/b", "-m", "not for all");
  await publish(port, "a/b", "-m", "3", "-q", "1", "-r");
  assert.deepEqual(await heard(one), ["<a/b 1 q0 r0>", "<a/b 3 q1 r0>"]);
  assert.deepEqual(await heard(two), [
    ...["<a/b 1 q0 r0>", "<a 2 q1 r0>", "<a/b 3 q1 r0>"],
  ]);
  const late = await subscribed(running, port, 1, "-t", "#");
  assert.deepEqual(await heard(late), ["<a/b 3 q0 r1>"]);
  await publish(port, "a/b", "-n", "-r");
  return "mosquitto_pub and mosquitto_sub: QoS 0, 1 and 2, +, # and retained";
}

async function checkSession(
  /** @type {number} */ port,
  /** @type {Program[]} */ running,
) {
  const session = ["-c", "-i", "me", "-q", "1", "-t", "s"];
  const before = await subscribed(running, port, 1, ...session);
  await publish(port, "s", "-m", "1", "-q", "1");
  assert.deepEqual(await heard(before), ["<s 1 q1 r0>"]);
  for (const text of ["2", "3"]) {
    await publish(port, "s", "-m", text, "-q", "1");
  }
  const after = subscribing(running, port, 2, ...session);
  assert.deepEqual(await heard(after), ["<s 2 q1 r0>", "<s 3 q1 r0>"]);
  return "mosquitto_sub gets what came while it was gone";
}

async function checkWill(
  /** @type {number} */ port,
  /** @type {Program[]} */ running,
) {
  const watcher = await subscribed(running, port, 1, "-t", "will/+");
  const will = ["--will-topic", "will/me", "--will-payload", "gone"];
  const dying = await subscribed(running, port, 1, "-t", "never", ...will);
  dying.kill();
  assert.deepEqual(await heard(watcher), ["<will/me gone q0 r0>"]);
  return "the will of a mosquitto_sub that is killed";
}

async function checkMany(
  /** @type {number} */ port,
  /** @type {Program[]} */ running,
) {
  const count = 2000;
  const subscriber = await subscribed(
    running,
    port,
    count,
    "-t",
    "m",
    "-q",
    "1",
  );
  const lines = Array.from({ length: count }, (_, i) => `${i}`);
  const publisher = new Program([
    ...["mosquitto_pub", "-h", "127.0.0.1", "-p", `${port}`, "-t", "m"],
    ...["-q", "1", "-l"],
  ], `${lines.join("\n")}\n`);
  assert.equal(await publisher.ended(), 0, publisher.output);
  const expected = lines.map((line) => `<m ${line} q1 r0>`);
  assert.deepEqual(await heard(subscriber), expected);
  return `${count} messages of QoS 1 in order`;
}

/** Resolves to the broker's answer to an HTTP request. */
async function ask(/** @type {number} */ port) {
  const socket = net.connect(port, "127.0.0.1").setEncoding("utf8");
  let answer = "";
  socket.on("data", (text) => answer += text);
  socket.on("error", () => {});
  socket.write("GET / HTTP/1.0\r\n\r\n");
  await once(socket, "close");
  return answer;
}

async function checkMqttJs(/** @type {object} */ options) {
  const { default: mqtt } = await importPackage(
    MQTT_JS,
    "build/index.js",
  );
  const connect = (/** @type {object} */ more) =>
    mqtt.connectAsync({ host: "localhost", family: 4, ...options, ...more });
  const session = { clientId: "js", clean: false, reconnectPeriod: 0 };
  const one = await connect(session);
  const two = await connect({ keepalive: 1 });
  try {
    /** @type {string[]} */
    const messages = [];
    one.on("message", (
      /** @type {string} */ topic,
      /** @type {Buffer} */ payload,
    ) => messages.push(`${topic} ${payload}`));
    const granted = await one.subscribeAsync({
      "js/+": { qos: 1 },
      "js/two": { qos: 2 },
    });
    assert.deepEqual(
      granted.map((/** @type {{ qos: number }} */ it) => it.qos),
      [1, 1],
    );
    for (const qos of [0, 1, 2]) {
      await two.publishAsync("js/one", `${qos}`, { qos });
    }
    await two.publishAsync("js/two", "x".repeat(100_000), { qos: 2 });
    while (messages.length < 4) await once(one, "message");
    assert.deepEqual(
      messages.map((it) => it.slice(0, 10)),
      ["js/one 0", "js/one 1", "js/one 2", "js/two xxx"],
    );
    // A client with the same id takes over the session.
    const closed = once(one, "close");
    const three = await connect(session);
    await closed;
    const heard = once(three, "message");
    await two.publishAsync("js/one", "again", { qos: 1 });
    assert.equal(`${(await heard)[1]}`, "again");
    await three.endAsync();
    assert.ok(two.connected);
  } finally {
    await Promise.all([one, two].map((client) => client.endAsync(true)));
  }
  return "mqtt.js: QoS 0, 1 and 2, subscriptions, and a session taken over";
}
