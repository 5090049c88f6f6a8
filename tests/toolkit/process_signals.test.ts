import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { describe, it } from "node:test";
import { commandOf, firstLine, start } from "../conformance/children.ts";
import { RawPeer } from "../conformance/peers.ts";
import { eventually } from "../conformance/support.ts";
import { tcp } from "../support/tcp.ts";

const REQUEST_COUNT = 32;

/** Longer than any test takes. */
const LONG_MS = 60_000;

/** A process that serves slowly, and peers that wait for its answers. */
class SlowServer {
  readonly child: ChildProcess;
  readonly port: number;
  readonly exited: Promise<[code: number | null, signal: string | null]>;
  readonly peers: RawPeer[] = [];
  output = "";

  private constructor(child: ChildProcess, port: number) {
    this.child = child;
    this.port = port;
    this.exited = once(child, "exit") as never;
    child.stdout!.on("data", (text) => this.output += text);
  }

  static async start(
    delayMs: number,
    threads: number,
    prefix: string[] = [],
  ): Promise<SlowServer> {
    const command = commandOf("slow_server", delayMs, threads);
    const child = start([...prefix, ...command]);
    try {
      const port = Number(await firstLine(child));
      return new SlowServer(child, port);
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    }
  }

  /** Has peers ask; resolves when all requests are under way. */
  async ask(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const peer = await RawPeer.connect(tcp("127.0.0.1", this.port));
      peer.write(1);
      void peer.ended.then(() => peer.end());
      this.peers.push(peer);
    }
    await Promise.all(this.peers.map((peer) => peer.has(1)));
  }

  /** How many have their answer. */
  get answeredCount(): number {
    return this.peers.filter(({ received }) => received === 2).length;
  }

  /** Resolves when nobody listens any more. */
  async refuses(): Promise<void> {
    await RawPeer.dropped(tcp("127.0.0.1", this.port));
  }

  // Not by the child's own kill: Deno 2.9 takes it for gone after that.
  signal(name: "SIGTERM" | "SIGINT", pid = this.child.pid!): void {
    process.kill(pid, name);
  }

  end(): void {
    this.child.kill("SIGKILL");
    for (const peer of this.peers) peer.destroy();
  }
}

// Elsewhere one process cannot send another a signal.
if (process.platform !== "win32") {
  const targets = [
    ["a runtime that runs on signals", 0],
    ["threads that run on signals", 2],
  ] as const;
  for (const [title, threads] of targets) {
    describe(title, () => {
      it("finishes all requests that are under way at SIGTERM, refuses others, and exits with 0", async () => {
        const server = await SlowServer.start(500, threads);
        try {
          await server.ask(REQUEST_COUNT);
          server.signal("SIGTERM");
          await server.refuses();
          assert.deepEqual(await server.exited, [0, null]);
          await Promise.all(server.peers.map(({ ended }) => ended));
          assert.equal(server.answeredCount, REQUEST_COUNT);
          await eventually(
            () => server.output.includes("ended by SIGTERM"),
            "it goes on after that",
          );
        } finally {
          server.end();
        }
      });

      it("ends at once at a second signal, with 128 and its number", async () => {
        const server = await SlowServer.start(LONG_MS, threads);
        try {
          await server.ask(4);
          server.signal("SIGTERM");
          await server.refuses();
          server.signal("SIGINT");
          assert.deepEqual(await server.exited, [130, null]);
          await Promise.all(server.peers.map(({ closed }) => closed));
          assert.equal(server.answeredCount, 0);
        } finally {
          server.end();
        }
      });
    });
  }
}

const UNSHARE = ["unshare", "--pid", "--fork", "--kill-child"];

/** By which commands a process may become the first one of a namespace, as in a container: as root, and as anybody. */
const AS_PROCESS_1 = [UNSHARE, [...UNSHARE, "--user", "--map-root-user"]];

/** Those of them that are permitted. */
function permitted(): string[][] {
  return AS_PROCESS_1.filter(([program, ...options]) =>
    spawnSync(program, [...options, "true"]).status === 0
  );
}

if (process.platform === "linux") {
  const [prefix] = permitted();
  describe("process 1, which signals do not end by themselves", () => {
    if (prefix === undefined) {
      it("is not tried, since this system does not let unshare make one", () => {
        assert.deepEqual(permitted(), []);
      });
      return;
    }
    it("runs on signals all the same", async () => {
      const server = await SlowServer.start(300, 0, prefix);
      try {
        const { pid } = server.child;
        const children = `/proc/${pid}/task/${pid}/children`;
        const [first] = execFileSync("cat", [children], { encoding: "utf8" })
          .split(" ");
        await server.ask(4);
        server.signal("SIGTERM", Number(first));
        assert.deepEqual(await server.exited, [0, null]);
        assert.equal(server.answeredCount, 4);
      } finally {
        server.end();
      }
    });
  });
}
