import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, linkSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import {
  AddressNotAvailableError,
  hostAdapter,
  type InheritedSocket,
  inheritedSockets,
  InheritedSocketsError,
  InvalidOptionError,
  ListenError,
  nodeAdapter,
  ReactRuntime,
  SimNetwork,
  UnsupportedTransportError,
} from "../../mod.ts";
import { commandOf, firstLine } from "../conformance/children.ts";
import { sink, withRuntime } from "../conformance/support.ts";
import { bindSocket } from "../support/bound_socket.ts";

const PID = 4711;

/** What a process is told that has these variables. */
function told(
  variables: Readonly<Record<string, string>>,
): readonly InheritedSocket[] {
  const variable = (name: string) => variables[name];
  const environment = { processId: PID, variable };
  return inheritedSockets({ adapter: { environment } });
}

const MINE = { LISTEN_PID: `${PID}` };

describe("inheritedSockets", () => {
  it("tells of the sockets from 3 on, with their names", () => {
    const named = { ...MINE, LISTEN_FDS: "2", LISTEN_FDNAMES: "http:" };
    assert.deepEqual(told(named), [
      { transport: "fd", fd: 3, name: "http" },
      { transport: "fd", fd: 4, name: "" },
    ]);
    assert.deepEqual(told({ ...MINE, LISTEN_FDS: "1" }), [
      { transport: "fd", fd: 3, name: "unknown" },
    ]);
  });

  it("tells of none if there are none, or they are another process's", () => {
    const others = { LISTEN_PID: `${PID + 1}`, LISTEN_FDS: "x" };
    const none = { ...MINE, LISTEN_FDS: "0", LISTEN_FDNAMES: "" };
    for (const variables of [{}, MINE, others, none, { LISTEN_FDS: "1" }]) {
      assert.deepEqual(told(variables), []);
    }
    assert.deepEqual(inheritedSockets({ adapter: {} }), []);
    const { adapter } = new SimNetwork({ seed: 1 }).host("a");
    assert.deepEqual(inheritedSockets({ adapter }), []);
    assert.deepEqual(inheritedSockets(new ReactRuntime()), []);
  });

  it("refuses nonsense, and says which", () => {
    for (
      const [variables, name] of [
        [{ LISTEN_PID: "me", LISTEN_FDS: "1" }, "LISTEN_PID=me"],
        [{ LISTEN_PID: "", LISTEN_FDS: "1" }, "LISTEN_PID="],
        [{ ...MINE, LISTEN_FDS: "-1" }, "LISTEN_FDS=-1"],
        [{ ...MINE, LISTEN_FDS: "1.5" }, "LISTEN_FDS=1.5"],
        [{ ...MINE, LISTEN_FDS: "9999999999" }, "LISTEN_FDS=9999999999"],
        [
          { ...MINE, LISTEN_FDS: "2", LISTEN_FDNAMES: "one" },
          "LISTEN_FDNAMES=one",
        ],
      ] as const
    ) {
      assert.throws(
        () => told(variables),
        (error) =>
          error instanceof InheritedSocketsError &&
          error.message.includes(name),
        name,
      );
    }
  });

  it("tells why a variable may not be read", () => {
    const cause = new Error("run again with --allow-env");
    const variable = () => {
      throw cause;
    };
    const environment = { processId: PID, variable };
    assert.throws(
      () => inheritedSockets({ adapter: { environment } }),
      (error) =>
        error instanceof InheritedSocketsError && error.cause === cause &&
        error.message.includes("--allow-env"),
    );
  });
});

const host = hostAdapter();
const adapters = host === nodeAdapter ? [host] : [host, nodeAdapter];

for (const adapter of adapters) {
  describe(`${adapter.name}: a socket that was handed over`, () => {
    it("is none that one connects to, and has no options of who binds it", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const handler = { onNewConnection: () => ({ reactor: sink() }) };
        const unsupported = new RegExp("Cannot connect to fd:3");
        await assert.rejects(
          runtime.connect("fd:3", sink()),
          (error) =>
            error instanceof UnsupportedTransportError &&
            unsupported.test(error.message),
        );
        if (process.platform === "win32") {
          await assert.rejects(
            runtime.listen("fd:3", handler),
            UnsupportedTransportError,
          );
          return;
        }
        await assert.rejects(
          runtime.listen("fd:3", handler, { reusePort: true }),
          ListenError,
        );
        await assert.rejects(
          runtime.listen("fd:3", handler, { mode: 0o600 }),
          InvalidOptionError,
        );
        const file = openSync("/dev/null", "r");
        for (const fd of [file, 987_654]) {
          await assert.rejects(
            runtime.listen({ transport: "fd", fd }, handler),
            (error) =>
              error instanceof AddressNotAvailableError &&
              error.message.startsWith(
                `Cannot listen on fd:${fd}: it is not a `,
              ),
          );
        }
      }));
  });
}

/** Starts a process that has the sockets `fds`. */
function startWith(
  fds: readonly number[],
  args: readonly string[],
  { names, prefix = "", program = "inheriting_server" }: {
    readonly names?: string;
    readonly prefix?: string;
    readonly program?: string;
  } = {},
): ChildProcess {
  const own = `LISTEN_PID=$$ exec "$0" "$@"`;
  return spawn(
    "/bin/sh",
    ["-c", prefix + own, ...commandOf(program, ...args)],
    {
      stdio: ["ignore", "pipe", "inherit", ...fds],
      env: {
        ...process.env,
        LISTEN_FDS: `${fds.length}`,
        ...(names !== undefined && { LISTEN_FDNAMES: names }),
      },
    },
  );
}

interface Said {
  readonly name: string;
  readonly address: string;
  readonly again?: string;
  readonly closed?: string;
}

async function saidBy(child: ChildProcess): Promise<Said[]> {
  return JSON.parse(await firstLine(child));
}

/** Asks a server that echoes; resolves to what it said at first, and the address that was asked from. */
async function ask(
  at: { readonly port: number } | { readonly path: string },
): Promise<{ greeting: string; own: string }> {
  const socket = connect({ host: "127.0.0.1", allowHalfOpen: true, ...at });
  let text = "";
  await once(socket, "connect");
  const own = `${socket.localAddress}:${socket.localPort}`;
  const question = "x".repeat(100_000);
  socket.end(`${question}\n`);
  for await (const chunk of socket) text += chunk;
  const [greeting, answer, rest] = text.split("\n");
  assert.equal(answer, question);
  assert.equal(rest, "");
  return { greeting, own };
}

async function ended(child: ChildProcess): Promise<void> {
  // Not by the child's own kill: Deno would overwrite its exit code.
  process.kill(child.pid as number, "SIGTERM");
  await once(child, "close");
}

// Windows hands over no sockets by a number.
if (process.platform !== "win32") {
  for (const adapter of adapters) {
    const name = adapter === host ? "host" : "node";
    describe(`${adapter.name}: a process that was given sockets`, () => {
      it("serves those of TCP at their own address, beside others that have them", async () => {
        const bound = await bindSocket({ port: 0 });
        const [one, other] = ["one", "other"].map((own) =>
          startWith([bound.fd], [name, "serve", own])
        );
        bound.close();
        try {
          const [{ address, name: called }] = await saidBy(one);
          assert.deepEqual((await saidBy(other))[0].address, address);
          assert.equal(called, "unknown");
          const port = Number(/^127\.0\.0\.1:(\d+)$/.exec(address)?.[1]);
          const heard = new Set<string>();
          while (heard.size < 2) {
            const { greeting, own } = await ask({ port });
            const [who, local, remote] = greeting.split(" ");
            assert.deepEqual([local, remote], [address, own]);
            heard.add(who);
          }
          // Who closes it takes it from nobody else, and leaves no connection waiting.
          await ended(one);
          for (let i = 0; i < 20; i++) {
            const { greeting } = await ask({ port });
            assert.match(greeting, /^other /);
          }
        } finally {
          one.kill("SIGKILL");
          await ended(other);
        }
      });

      it("serves Unix sockets, whose files stay, and knows their names", async () => {
        const folder = mkdtempSync(join(tmpdir(), "reactio-"));
        const paths = ["a", "b"].map((it) => join(folder, it));
        // Closing removes the file that was bound, but not another name of it.
        const bound = await Promise.all(paths.map(async (path) => {
          const socket = await bindSocket({ path: `${path}-bound` });
          linkSync(`${path}-bound`, path);
          return socket;
        }));
        const child = startWith(
          bound.map(({ fd }) => fd),
          [name, "serve", "own"],
          { names: "first:second" },
        );
        for (const it of bound) it.close();
        try {
          assert.deepEqual(await saidBy(child), [
            { name: "first", address: "fd:3" },
            { name: "second", address: "fd:4" },
          ]);
          for (const [i, path] of paths.entries()) {
            const { greeting } = await ask({ path });
            assert.equal(greeting, `own fd:${3 + i} unknown address`);
          }
          await ended(child);
          for (const path of paths) assert.ok(existsSync(path));
        } finally {
          child.kill("SIGKILL");
          rmSync(folder, { recursive: true });
        }
      });

      it("cannot listen on one twice, nor again", async () => {
        const bound = await bindSocket({ port: 0 });
        const child = startWith([bound.fd], [name, "try"]);
        bound.close();
        const [{ again, closed }] = await saidBy(child);
        assert.deepEqual(
          [again, closed],
          ["AddressInUseError", "AddressNotAvailableError"],
        );
        await once(child, "close");
      });

      // Elsewhere the limit cannot be lowered in this way.
      if (process.platform === "linux") {
        it("goes on when it was out of file descriptors", async () => {
          const bound = await bindSocket({ port: 0 });
          const child = startWith([bound.fd], [name, "serve", "own"], {
            prefix: "ulimit -n 160; ",
          });
          bound.close();
          try {
            const [{ address }] = await saidBy(child);
            const port = Number(address.split(":")[1]);
            const first = connect({ host: "127.0.0.1", port });
            await once(first, "data");
            let served = 0;
            const many = Array.from({ length: 200 }, () => {
              const socket = connect({ host: "127.0.0.1", port });
              socket.on("error", () => {}); // Node closes what it cannot accept
              socket.once("data", () => served++);
              return socket;
            });
            await Promise.all(many.map((it) => once(it, "connect")));
            for (let i = 0; i < 200; i++) {
              first.write("x\n");
              await once(first, "data");
            }
            assert.ok(served > 0, "it served none of them");
            assert.ok(served < many.length, "it had files for all of them");
            for (const socket of [first, ...many]) socket.destroy();
            let greeting: string | undefined;
            while (greeting === undefined) {
              greeting = await ask({ port }).then(
                (it) => it.greeting,
                () => undefined,
              );
            }
            assert.match(greeting, /^own /);
          } finally {
            await ended(child);
          }
        });
      }
    });
  }

  describe(`${host.name}: threads that were given a socket`, () => {
    it("serve who waited for them before they listened, and who comes then", async () => {
      const bound = await bindSocket({ port: 0 });
      const { port } = bound;
      const child = startWith([bound.fd], [], {
        program: "inheriting_threads",
      });
      bound.close();
      try {
        const waiting = connect({ host: "127.0.0.1", port: port as number });
        waiting.on("error", () => {}); // it is dropped
        waiting.write("a");
        const answered = once(waiting, "close").then(() => false);
        const isAnswered = Promise.race([
          once(waiting, "data").then(() => true),
          answered,
        ]);
        assert.equal(await firstLine(child), `127.0.0.1:${port}`);
        assert.equal(await isAnswered, true);
        waiting.destroy();
        const next = connect({ host: "127.0.0.1", port: port as number });
        next.write("a");
        await once(next, "data");
        next.destroy();
      } finally {
        await ended(child);
      }
    });
  });
}
