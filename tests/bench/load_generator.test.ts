import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { createServer as createTlsServer } from "node:tls";
import { compileGenerator, hasOpenssl } from "../../bench/generator.ts";
import { server as credential } from "../support/certificates.ts";

/** What a server sends in place of `chunk`; `earlier` is what came before on that connection. */
type Lie = (chunk: Buffer, earlier: Buffer) => Buffer;

/** A server that listens. */
interface ListeningServer {
  readonly port: number;
  readonly isTls: boolean;
  close(): void;
}

/** The first read behind so many bytes of a connection is answered by a lie. */
const LIE_AT = 140_000;
const SIZE = 128;

const LIES: Readonly<Record<string, Lie>> = {
  "changes a bit": (chunk) => {
    const changed = Buffer.from(chunk);
    changed[changed.length - 1] ^= 1;
    return changed;
  },
  "exchanges two bytes": (chunk) => {
    const last = chunk.length - 1;
    const other = chunk.findLastIndex((byte) => byte !== chunk[last]);
    const changed = Buffer.from(chunk);
    changed[last] = chunk[other];
    changed[other] = chunk[last];
    return changed;
  },
  "leaves a byte out": (chunk) => chunk.subarray(1),
  "sends a byte twice": (chunk) => Buffer.concat([chunk, chunk.subarray(-1)]),
  "leaves a message out": (chunk) => chunk.subarray(SIZE),
  "sends a message twice": (chunk) =>
    Buffer.concat([chunk.subarray(0, SIZE), chunk]),
  "sends the message before again, in place of one": (chunk, earlier) =>
    Buffer.concat([earlier.subarray(-SIZE), chunk.subarray(SIZE)]),
  "sends what it sent 128 KiB ago": (chunk, earlier) => {
    const from = earlier.length - 128 * 1024;
    return earlier.subarray(from, from + chunk.length);
  },
};

async function listen(
  serve: (socket: Socket) => void,
  isTls = false,
): Promise<ListeningServer> {
  const sockets = new Set<Socket>();
  const options = { allowHalfOpen: true, ...credential };
  const accept = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {}); // the generator has seen enough
    serve(socket);
  };
  const server = isTls
    ? createTlsServer(options, accept)
    : createServer(options, accept);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    isTls,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Echoes, but for one lie; `last` is sent behind everything else. */
function listenAsEcho(
  lie?: Lie,
  last?: Buffer,
  isTls = false,
): Promise<ListeningServer> {
  let mayLie = lie !== undefined;
  return listen((socket) => {
    const earlier: Buffer[] = [];
    let total = 0;
    socket.on("data", (chunk: Buffer) => {
      if (mayLie && total > LIE_AT) {
        mayLie = false;
        socket.write(lie!(chunk, Buffer.concat(earlier)));
      } else socket.write(chunk);
      if (mayLie) earlier.push(Buffer.from(chunk));
      total += chunk.length;
    });
    socket.on("end", () => last ? socket.end(last) : socket.end());
  }, isTls);
}

/** As {@linkcode listenAsEcho} in TLS, but does not say that it ends. */
function listenAndCut(): Promise<ListeningServer> {
  return listen((socket) => {
    socket.on("data", (chunk: Buffer) => socket.write(chunk));
    socket.on("end", () => socket.destroy());
  }, true);
}

/** Echoes to two connections at a time, and to each what the other one sent, from the lie on. */
function listenAndMixUp(): Promise<ListeningServer> {
  let waiting: [socket: Socket, chunk: Buffer][] = [];
  let total = 0;
  return listen((socket) => {
    socket.on("data", (chunk: Buffer) => {
      total += chunk.length;
      waiting.push([socket, chunk]);
      if (waiting.length < 2) return;
      const [[one, first], [other, second]] = waiting;
      waiting = [];
      one.write(total > LIE_AT ? second : first);
      other.write(total > LIE_AT ? first : second);
    });
  });
}

/** Answers each message with one that ends in another bit, and with FIN. */
function listenAndChangeLast(): Promise<ListeningServer> {
  return listen((socket) => {
    socket.on("data", (chunk: Buffer) => {
      chunk[SIZE - 1] ^= 1;
      socket.end(chunk);
    });
  });
}

/** Counts what comes in, and answers a FIN with how much that was, and `offset` more. */
function listenAsSink(offset: bigint): Promise<ListeningServer> {
  return listen((socket) => {
    let total = 0n;
    socket.on("data", (chunk: Buffer) => void (total += BigInt(chunk.length)));
    socket.on("end", () => {
      const answer = Buffer.alloc(8);
      answer.writeBigUInt64LE(total + offset);
      socket.end(answer);
    });
  });
}

/** The generator stands on Linux, and is compiled where it is used. */
const canCompile = process.platform === "linux" &&
  spawnSync("cc", ["--version"]).status === 0;

if (canCompile) {
  describe("the load generator", () => {
    let folder = "";
    let program = "";

    before(() => {
      folder = mkdtempSync(`${tmpdir()}/load-`);
      program = compileGenerator(folder);
    });

    after(() => rmSync(folder, { recursive: true }));

    /** Loads `server`; returns what the generator printed, and what it complained of. */
    async function load(
      server: ListeningServer,
      mode: string,
      plan: Record<string, number>,
    ) {
      const values = {
        ...{ port: server.port, tls: Number(server.isTls) },
        ...{ pid: process.pid, size: SIZE },
        ...{ messages: 10_000, warm_up: 0, seconds: 20, ...plan },
      };
      const child = spawn(program, [
        mode,
        ...Object.entries(values).map(([name, value]) => `${name}=${value}`),
      ], { stdio: ["ignore", "pipe", "pipe"] });
      let report = "";
      let complaint = "";
      child.stdout.on("data", (text: Buffer) => report += text);
      child.stderr.on("data", (text: Buffer) => complaint += text);
      await once(child, "close");
      server.close();
      return { report, complaint };
    }

    for (const [how, spin] of [["sleeping", 0], ["polling", 1]] as const) {
      it(`counts the messages of an honest server, ${how} while it waits`, async () => {
        const plan = { connections: 3, in_flight: 5, spin };
        const { report, complaint } = await load(
          await listenAsEcho(),
          "echo",
          plan,
        );
        assert.equal(complaint, "");
        assert.ok(JSON.parse(report).messages >= 10_000);
      });
    }

    for (const [what, lie] of Object.entries(LIES)) {
      it(`catches a server that ${what}`, async () => {
        const server = await listenAsEcho(lie);
        const plan = { connections: 2, in_flight: 4 };
        const { report, complaint } = await load(server, "echo", plan);
        assert.match(complaint, /wrong bytes|more came back than was sent/);
        assert.equal(report, "");
      });
    }

    it("catches a server that answers a connection with the message of another", async () => {
      const server = await listenAndMixUp();
      const { complaint } = await load(server, "echo", { connections: 2 });
      assert.match(complaint, /wrong bytes/);
    });

    it("catches a server that sends a byte after the last message", async () => {
      const server = await listenAsEcho(undefined, Buffer.alloc(1));
      const { complaint } = await load(server, "echo", { connections: 2 });
      assert.match(complaint, /more came back than was sent/);
    });

    it("catches a server that changes a bit while connections come and go", async () => {
      const server = await listenAndChangeLast();
      const { complaint } = await load(server, "churn", { connections: 2 });
      assert.match(complaint, /wrong bytes/);
    });

    it("catches a server that has got another number of bytes than it tells", async () => {
      const plan = { connections: 2, messages: 1000 };
      const honest = await load(await listenAsSink(0n), "sink", plan);
      const lying = await load(await listenAsSink(1n), "sink", plan);
      assert.equal(honest.complaint, "");
      assert.match(lying.complaint, /the server got/);
    });

    const isWithTls = hasOpenssl();

    it("says so if it was built without TLS, and else counts what comes back in TLS, whole records and parts of them", async () => {
      for (const size of [32, SIZE, 40_000]) {
        const server = await listenAsEcho(undefined, undefined, true);
        const plan = { connections: 3, in_flight: 5, size, messages: 500 };
        const { report, complaint } = await load(server, "echo", plan);
        if (isWithTls) {
          assert.equal(complaint, "");
          assert.ok(JSON.parse(report).messages >= 500);
        } else assert.match(complaint, /without TLS/);
      }
    });

    if (isWithTls) {
      for (const what of ["changes a bit", "leaves a byte out"]) {
        it(`catches a server that ${what} in TLS`, async () => {
          const server = await listenAsEcho(LIES[what], undefined, true);
          const plan = { connections: 2, in_flight: 4 };
          const { report, complaint } = await load(server, "echo", plan);
          assert.match(complaint, /wrong bytes|more came back than was sent/);
          assert.equal(report, "");
        });
      }

      it("catches a server that sends a byte after the last message in TLS", async () => {
        const server = await listenAsEcho(undefined, Buffer.alloc(1), true);
        const { complaint } = await load(server, "echo", { connections: 2 });
        assert.match(complaint, /more came back than was sent/);
      });

      it("catches a server that ends without saying so in TLS", async () => {
        const { report, complaint } = await load(
          await listenAndCut(),
          "echo",
          {},
        );
        assert.match(complaint, /ended without saying so/);
        assert.equal(report, "");
      });

      it("catches a server that speaks no TLS where it is asked for", async () => {
        const server = { ...await listenAsEcho(), isTls: true };
        const { complaint } = await load(server, "echo", {});
        assert.match(complaint, /the TLS handshake failed/);
      });

      it("catches a server that closes a connection in TLS", async () => {
        let count = 0;
        const server = await listen((socket) => {
          socket.on("data", (chunk: Buffer) => {
            if (++count > 100) socket.destroy();
            else socket.write(chunk);
          });
        }, true);
        const { complaint } = await load(server, "echo", { connections: 2 });
        assert.match(
          complaint,
          /the connection was reset|the server closed a connection|takes nothing/,
        );
      });
    }
  });
}
