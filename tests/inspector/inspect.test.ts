import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, it } from "node:test";
import {
  type Adapter,
  formatAddress,
  hostAdapter,
  inspect,
  type InspectOptions,
  type Inspector,
  InspectorExposedError,
  InvalidOptionError,
  type ListenerHandle,
  ReactRuntime,
} from "../../mod.ts";
import { echo, signal, withRuntime } from "../conformance/support.ts";
import { engineOf } from "../../src/runtime.ts";
import { asTcp } from "../support/tcp.ts";
import { ask, askJson, withInspector } from "./ask.ts";

const TOKEN = "a token of some length";
const KEY = TOKEN.replaceAll(" ", "-");

/** How a request ends that is the last. */
const LAST = "Connection: close\r\n\r\n";

/** Sends `text`, and resolves to all that comes until the other end closes. */
function say(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.on("data", (bytes) => answer += bytes);
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
  });
}

/** Runs `body` with an echo server and its inspector. */
function inspected(
  options: InspectOptions,
  body: (parts: {
    readonly runtime: ReactRuntime;
    readonly listener: ListenerHandle;
    readonly inspector: Inspector;
  }) => Promise<void>,
): Promise<void> {
  return withRuntime(hostAdapter(), {}, async (runtime: ReactRuntime) => {
    const listener = await runtime.listen("127.0.0.1:0", {
      onNewConnection: () => ({ reactor: echo() }),
    });
    await withInspector(
      runtime,
      options,
      (inspector) => body({ runtime, listener, inspector }),
    );
  });
}

describe("inspect", () => {
  it("serves a page that runs and shows nothing of others", () =>
    inspected({}, async ({ inspector }) => {
      const page = await ask(inspector, "/");
      assert.equal(page.status, 200);
      const files = Array.from(
        page.text.matchAll(/(?:href|src)="([^"#]+)"/g),
        ([, file]) => file,
      );
      assert.ok(files.length > 0);
      for (const file of files) {
        const { status, headers, text } = await ask(inspector, `/${file}`);
        assert.equal(status, 200, file);
        assert.match(
          String(headers["content-security-policy"]),
          /^default-src 'none'; script-src 'self';/,
        );
        assert.doesNotMatch(text, /https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
      }
      assert.equal((await ask(inspector, "/../mod.ts")).status, 404);
      assert.equal((await ask(inspector, "/constructor")).status, 404);
    }));

  it("without a token answers who names this machine, and no page but its own", () =>
    inspected({ allowClose: true }, async ({ inspector }) => {
      const { port } = asTcp(inspector.address);
      assert.equal(inspector.url, `http://127.0.0.1:${port}/`);
      const post = { method: "POST", body: { thread: "0", id: 1 } };
      for (
        const [path, question, status] of [
          ["/api/overview", {}, 200],
          ["/api/overview", { headers: { host: `localhost:${port}` } }, 200],
          ["/api/overview", { headers: { host: `[::1]:${port}` } }, 200],
          ["/api/overview", { headers: { host: "evil.example" } }, 403],
          [
            "/api/overview",
            { headers: { host: "127.0.0.1.evil.example" } },
            403,
          ],
          [
            "/api/overview",
            { headers: { origin: "http://evil.example" } },
            403,
          ],
          ...["cross-site", "same-site", "same-origin", "none"].map((site) =>
            [
              "/api/overview",
              { headers: { "sec-fetch-site": site } },
              site.endsWith("-site") ? 403 : 200,
            ] as const
          ),
          ["/api/close", post, 404],
          ["/api/close", { ...post, headers: { origin: "null" } }, 403],
          ["/api/close", {
            ...post,
            headers: { origin: "http://evil.example", host: "evil.example" },
          }, 403],
        ] as const
      ) {
        const answer = await ask(inspector, path, question);
        assert.equal(answer.status, status, JSON.stringify([path, question]));
      }
    }));

  it("with a token answers who knows it", () =>
    inspected({ token: KEY }, async ({ inspector }) => {
      assert.ok(inspector.url.endsWith(`/#token=${KEY}`));
      for (
        const [authorization, status] of [
          [undefined, 401],
          ["", 401],
          [`Bearer ${KEY}`, 200],
          [`bearer ${KEY}`, 200],
          [`Bearer ${KEY}x`, 401],
          [`Bearer ${KEY.slice(1)}`, 401],
          [`Bearer x${KEY.slice(1)}`, 401],
          [`Basic ${KEY}`, 401],
        ] as const
      ) {
        const headers = authorization === undefined ? {} : { authorization };
        const answer = await ask(inspector, "/api/overview", { headers });
        assert.equal(answer.status, status, authorization);
      }
      assert.equal((await ask(inspector, "/")).status, 200);
    }));

  it("is refused where others can reach it without a token, and with a token that can be guessed", () =>
    withRuntime(hostAdapter(), {}, async (runtime: ReactRuntime) => {
      for (const address of ["0.0.0.0:0", "[::]:0", "example.com:80"]) {
        await assert.rejects(
          inspect(runtime, { address }),
          (error) =>
            error instanceof InspectorExposedError &&
            error.message.includes(address),
        );
      }
      for (const token of ["short", "", " ".repeat(20), 1 as never]) {
        await assert.rejects(inspect(runtime, { token }), InvalidOptionError);
      }
      const options = { address: "0.0.0.0:0", token: KEY };
      await withInspector(runtime, options, async (inspector) => {
        assert.equal((await ask(inspector, "/api/overview")).status, 401);
      });
    }));

  it("is refused at a socket that was handed over, or a name, that others can reach", async () => {
    const host = hostAdapter();
    const boundAt = (hostname: string): Adapter => ({
      ...host,
      transports: ["tcp", "unix", "fd"],
      listen: (options, events) =>
        host.listen(
          { ...options, address: { transport: "tcp", hostname, port: 0 } },
          events,
        ),
    });
    for (const address of ["fd:3", "localhost:0"]) {
      await withRuntime(
        boundAt("0.0.0.0"),
        {},
        async (runtime: ReactRuntime) => {
          await assert.rejects(
            inspect(runtime, { address }),
            (error) =>
              error instanceof InspectorExposedError &&
              error.message.includes("at 0.0.0.0:"),
          );
          await withInspector(runtime, { address, token: KEY }, async () => {});
        },
      );
      await withRuntime(
        boundAt("127.0.0.1"),
        {},
        async (runtime: ReactRuntime) => {
          await withInspector(runtime, { address }, async (inspector) => {
            assert.equal((await ask(inspector, "/api/overview")).status, 200);
          });
        },
      );
    }
  });

  it("answers HEAD without a body, says which methods there are, and asks for one host", () =>
    inspected({ token: KEY }, async ({ inspector }) => {
      const { port } = asTcp(inspector.address);
      const bearer = { authorization: `Bearer ${KEY}` };
      const known = { headers: bearer };
      const page = await ask(inspector, "/");
      const head = await ask(inspector, "/", { method: "HEAD" });
      assert.equal(head.status, 200);
      assert.equal(head.headers["content-length"], String(page.text.length));
      const challenge = await ask(inspector, "/api/overview");
      assert.equal(challenge.headers["www-authenticate"], "Bearer");
      for (
        const [path, method, status, allow] of [
          ["/api/overview", "HEAD", 200, undefined],
          ["/api/overview", "POST", 405, "GET, HEAD"],
          ["/api/overview", "OPTIONS", 405, "GET, HEAD"],
          ["/api/close", "GET", 405, "POST"],
          ["/", "DELETE", 405, "GET, HEAD"],
          ["/nothing", "POST", 404, undefined],
        ] as const
      ) {
        const answer = await ask(inspector, path, { method, ...known });
        assert.equal(answer.status, status, `${method} ${path}`);
        assert.equal(answer.headers.allow, allow, `${method} ${path}`);
      }
      for (
        const [hosts, status] of [
          ["", 400],
          ["Host: a\r\n", 200],
          ["Host: a\r\nHost: b\r\n", 400],
        ] as const
      ) {
        const text = await say(port, `GET / HTTP/1.1\r\n${hosts}${LAST}`);
        assert.ok(text.startsWith(`HTTP/1.1 ${status} `), hosts);
      }
    }));

  it("answers what comes in one piece in its order, HEAD among it, and ends the connection where the request says so", () =>
    inspected({}, async ({ inspector }) => {
      const { port } = asTcp(inspector.address);
      const request = (line: string) =>
        `${line} HTTP/1.1\r\nHost: 127.0.0.1\r\n`;
      const text = await say(
        port,
        [
          `${request("GET /api/overview")}\r\n`,
          `${request("HEAD /")}\r\n`,
          `${request("HEAD /api/overview")}\r\n`,
          `${request("GET /nothing")}Connection: keep-alive, Close\r\n\r\n`,
          `${request("GET /")}\r\n`,
        ].join(""),
      );
      const statuses = Array.from(
        text.matchAll(/HTTP\/1\.1 (\d+) /g),
        ([, status]) => status,
      );
      assert.deepEqual(statuses, ["200", "200", "200", "404"]);
      // Behind the head of what was asked by HEAD comes the next one.
      const heads = text.split("HTTP/1.1 ").slice(2, 4);
      assert.ok(heads.every((head) => head.endsWith("\r\n\r\n")));
      assert.equal(text.match(/^Connection: close\r$/gm)?.length, 1);
    }));

  it("leaves nothing at what it shows when it is closed", async () => {
    const runtime = new ReactRuntime();
    const { connector } = engineOf(runtime);
    let waiting = 0;
    const { onceStopped } = connector;
    connector.onceStopped = (callback) => {
      waiting++;
      const forget = onceStopped.call(connector, callback);
      return () => {
        waiting--;
        forget();
      };
    };
    await (await inspect(runtime)).close();
    const once = waiting; // the view of the runtime, which goes on
    for (let i = 0; i < 3; i++) await (await inspect(runtime)).close();
    assert.equal(waiting, once);
    await runtime.stop();
  });

  it("tells counts, times and listeners", () =>
    inspected({}, async ({ runtime, listener, inspector }) => {
      await runtime.connect(listener.address, echo());
      const { threads, listeners, silent, may } = await askJson(
        inspector,
        "/api/overview",
      );
      assert.deepEqual(silent, []);
      assert.deepEqual(may, { close: false, drain: false, tail: false });
      assert.equal(threads.length, 1);
      assert.equal(threads[0].stats.open, 2);
      assert.equal(threads[0].stats.connects.opened, 1);
      assert.deepEqual(
        listeners.map((it: { address: string; id: number }) => [
          it.address,
          it.id,
        ]),
        [[formatAddress(listener.address), listener.id]],
      );
    }));

  it("sorts, searches and pages connections", () =>
    inspected({}, async ({ runtime, listener, inspector }) => {
      for (let i = 0; i < 12; i++) {
        await runtime.connect(listener.address, echo());
      }
      const all = await askJson(inspector, "/api/connections?sort=id");
      assert.equal(all.total, 24);
      assert.equal(all.matched, 24);
      const idsOf = (answer: { rows: { id: number }[] }) =>
        answer.rows.map(({ id }) => id);
      const ids = idsOf(all);
      assert.deepEqual(ids, ids.toSorted((a, b) => a - b));
      const page = "/api/connections?sort=id&order=desc&offset=5&limit=7";
      assert.deepEqual(
        idsOf(await askJson(inspector, page)),
        ids.toReversed().slice(5, 12),
      );
      const [{ peer }] = all.rows;
      const found = await askJson(
        inspector,
        `/api/connections?search=${encodeURIComponent(peer)}`,
      );
      assert.equal(found.total, 24);
      // The connection, and the other end of it.
      assert.equal(found.matched, 2);
      for (const sort of ["peer", "age", "in", "out", "queue", "state", "x"]) {
        const path = `/api/connections?sort=${sort}&limit=99999`;
        assert.equal((await askJson(inspector, path)).rows.length, 24);
      }
    }));

  it("remembers why connections were closed", () =>
    inspected({}, async ({ runtime, listener, inspector }) => {
      for (const reason of [undefined, new RangeError("too\nfar")]) {
        const handle = await runtime.connect(listener.address, echo());
        await handle.close(reason);
      }
      const { rows, reasons } = await askJson(inspector, "/api/closed");
      assert.equal(reasons["RangeError"], 1);
      const [{ reason }] = rows.filter((it: { reason: string }) =>
        it.reason.startsWith("RangeError")
      );
      assert.ok(!reason.includes("\n"), reason);
    }));

  it("remembers reasons that have any name, or none that can be read", () =>
    inspected({}, async ({ runtime, listener, inspector }) => {
      const names = ["__proto__", "constructor", { toString: () => 1 }, "x"];
      const last = names.length - 1;
      for (const [i, name] of names.entries()) {
        const handle = await runtime.connect(listener.address, echo());
        const reason = new Error("it");
        Object.defineProperty(reason, "name", {
          get: () => i < last ? name : assert.fail("no name"),
        });
        await handle.close(reason);
        await handle.whenClosed;
      }
      const { reasons } = await askJson(inspector, "/api/closed");
      const counted = Object.entries(reasons)
        .filter(([name]) => name !== "cleanly");
      assert.deepEqual(counted.toSorted(), [
        ["1", 1],
        ["__proto__", 1],
        ["constructor", 1],
        ["undefined", 1],
      ]);
    }));

  it("closes a connection and drains a listener, if that is allowed", async () => {
    await inspected({}, async ({ listener, inspector }) => {
      const body = { thread: "0", id: listener.id };
      for (const path of ["/api/close", "/api/drain"]) {
        const answer = await ask(inspector, path, { method: "POST", body });
        assert.equal(answer.status, 403, path);
      }
    });
    await inspected(
      { allowClose: true, allowDrain: true },
      async ({ runtime, listener, inspector }) => {
        const first = await runtime.connect(listener.address, echo());
        const second = await runtime.connect(listener.address, echo());
        const post = (path: string, body: unknown) =>
          ask(inspector, path, { method: "POST", body });
        for (const body of [{}, { thread: 0, id: 1 }, "x", null, { id: 1.5 }]) {
          assert.equal((await post("/api/close", body)).status, 400);
        }
        const none = { thread: "7", id: first.id };
        assert.equal((await post("/api/close", none)).status, 404);
        const one = { thread: "0", id: first.id };
        assert.equal((await post("/api/close", one)).status, 200);
        const reason = await first.whenClosed;
        assert.equal(reason?.message, "Closed by an inspector");
        assert.equal((await post("/api/close", one)).status, 404);
        const target = { thread: "0", id: listener.id };
        assert.equal((await post("/api/drain", target)).status, 200);
        await Promise.all([listener.whenClosed, second.whenClosed]);
        assert.equal((await post("/api/drain", target)).status, 404);
      },
    );
  });

  it("shows what a connection receives and sends, if that is allowed, from when somebody looks", async () => {
    await inspected({}, async ({ inspector }) => {
      const answer = await ask(inspector, "/api/tail?thread=0&id=1");
      assert.equal(answer.status, 403);
    });
    await inspected(
      { allowTail: true },
      async ({ runtime, listener, inspector }) => {
        const heard = signal();
        const handle = await runtime.connect(listener.address, {
          onCommand: (bytes, ctx) => void ctx.sendOrQueue(bytes as Uint8Array),
          onInboundMessage(buf) {
            heard.resolve();
            return buf.length as never;
          },
        });
        const path = `/api/tail?thread=0&id=${handle.id}&after=`;
        const nothing = { isOpen: true, last: 0, missed: 0, pieces: [] };
        assert.deepEqual(await askJson(inspector, path + 0), nothing);
        runtime.cmdSender.sendUserCmd(handle, Uint8Array.of(1, 2, 255));
        await heard.promise;
        const two = await askJson(inspector, path + 0);
        assert.deepEqual(two.pieces, [
          { direction: "out", size: 3, bytes: "0102ff" },
          { direction: "in", size: 3, bytes: "0102ff" },
        ]);
        assert.equal(two.last, 2);
        assert.deepEqual((await askJson(inspector, path + 2)).pieces, []);
        await handle.close();
        const gone = await askJson(inspector, path + 1);
        assert.equal(gone.isOpen, false);
        assert.equal(gone.pieces.length, 1);
      },
    );
  });

  it("answers a bad request with what is wrong with it, and closes", () =>
    inspected({}, async ({ inspector }) => {
      const { port } = asTcp(inspector.address);
      for (
        const [text, status] of [
          ["hello\r\n\r\n", 400],
          ["GET / HTTP/1.0\r\n\r\n", 505],
          ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505],
          ["GET /\r\n\r\n", 400],
          ["GET http://a/ HTTP/1.1\r\n\r\n", 400],
          ["GET / HTTP/1.1\r\na b: c\r\n\r\n", 400],
          ["GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 501],
          ["GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400],
          [
            "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            400,
          ],
          ["POST / HTTP/1.1\r\nContent-Length: 99999\r\n\r\n", 413],
          [`GET /${"x".repeat(9000)}`, 431],
          [`GET / HTTP/1.1\r\na: ${"x".repeat(20_000)}\r\n\r\n`, 431],
          // By a regular expression that goes back it took minutes.
          [`GET / HTTP/1.1\r\na:${" ".repeat(8000)}\0\r\n\r\n`, 400],
        ] as const
      ) {
        const answers = await say(
          port,
          `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n${text}`,
        );
        const statuses = Array.from(
          answers.matchAll(/^HTTP\/1\.1 (\d+) /gm),
          ([, status]) => Number(status),
        );
        assert.deepEqual(statuses, [200, status], text.slice(0, 60));
        assert.equal(answers.match(/^Connection: close\r$/gm)?.length, 1);
      }
    }));

  it("ends with what it shows, also if that ends before", async () => {
    const runtime = new ReactRuntime();
    const first = await inspect(runtime);
    assert.equal((await ask(first, "/")).status, 200);
    const second = inspect(runtime);
    await runtime.stop();
    for (const opening of [first, second, inspect(runtime)]) {
      const inspector = await opening;
      await assert.rejects(ask(inspector, "/"));
    }
  });
});
