import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { helloHandler } from "../../../examples/http_hello/hello.ts";
import { MAX_HEAD } from "../../../examples/http_hello/codec.ts";
import {
  connectMessages,
  type ReactRuntime,
  RequestClient,
  simulate,
  type Simulation,
  unframed,
} from "../../../mod.ts";
import { ClientCodec } from "./client_codec.ts";

async function startServer(sim: Simulation): Promise<ReactRuntime> {
  const runtime: ReactRuntime = sim.runtime("server");
  const handler = helloHandler(runtime.adapter.clock, { maxbody: 5000 });
  await runtime.listen("server:80", handler);
  return runtime;
}

/** Says `parts`, one after the other, with a pause between; resolves to what is answered until the end. */
async function say(
  sim: Simulation,
  ...parts: readonly string[]
): Promise<string> {
  const client: ReactRuntime = sim.runtime("client");
  const server = await connectMessages(client, "server:80", unframed());
  let text = "";
  const ended = (async () => {
    for await (const bytes of server) text += new TextDecoder().decode(bytes);
  })();
  for (const part of parts) {
    await server.send(new TextEncoder().encode(part)).catch(() => {});
    await sim.sleep(100);
  }
  await server.end();
  await ended;
  await server.close();
  return text;
}

const GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
const HELLO =
  /^HTTP\/1\.1 200 OK\r\nDate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\nContent-Type: text\/plain; charset=utf-8\r\nConnection: keep-alive\r\nContent-Length: 13\r\n\r\nHello, world\n/;

/** The statuses in `text`. */
function statuses(text: string): number[] {
  return [...text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, it]) =>
    Number(it)
  );
}

async function run(
  scenario: (sim: Simulation) => Promise<void>,
): Promise<void> {
  await simulate({ seeds: 3 }, async (sim) => {
    await startServer(sim);
    await scenario(sim);
  });
}

describe("examples/http_hello", () => {
  it("answers requests in their order, pipelined or in pieces", () =>
    run(async (sim) => {
      assert.match(await say(sim, GET), HELLO);
      assert.match(await say(sim, ...GET), HELLO);
      const other = "GET /no HTTP/1.1\r\nHost: h\r\n\r\n";
      const text = await say(
        sim,
        GET + other + GET + GET.slice(0, 9),
        GET.slice(9),
      );
      assert.deepEqual(statuses(text), [200, 404, 200, 200]);
    }));

  it("knows its paths in targets of all forms", () =>
    run(async (sim) => {
      for (
        const [target, status] of [
          ["/?a=/b", 200],
          ["http://h", 200],
          ["HTTPS://h:80/?a", 200],
          ["http://h/echo", 405],
          ["http://h/no", 404],
          ["http:///", 404],
          ["*", 404],
          ["?", 404],
          ["h:80", 404],
        ] as const
      ) {
        const text = await say(sim, GET.replace("/", target));
        assert.deepEqual(statuses(text), [status], target);
      }
    }));

  it("sends no body to HEAD, and the length that it would have", () =>
    run(async (sim) => {
      const text = await say(sim, GET.replace("GET", "HEAD") + GET);
      assert.deepEqual(statuses(text), [200, 200]);
      assert.equal(text.match(/Content-Length: 13/g)?.length, 2);
      assert.equal(text.match(/Hello/g)?.length, 1);
    }));

  it("says 100 to who waits for it, before the body, and nothing to others", () =>
    run(async (sim) => {
      const head =
        "POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
      const text = await say(sim, head, "abc");
      assert.match(
        text,
        /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/,
      );
      assert.match(text, /\r\n\r\nabc$/);
      assert.deepEqual(statuses(await say(sim, `${head}abc`)), [200]);
    }));

  it("closes behind the last answer, and takes nothing more", () =>
    run(async (sim) => {
      for (
        const last of [
          "GET / HTTP/1.0\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        ]
      ) {
        const text = await say(sim, GET + last + GET);
        assert.deepEqual(statuses(text), [200, 200]);
        assert.match(text, /Connection: close\r\n/);
      }
      const kept = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
      assert.deepEqual(statuses(await say(sim, kept + kept)), [200, 200]);
    }));

  it("says why before it closes, and does nothing with what follows", () =>
    run(async (sim) => {
      for (
        const [status, request] of [
          [400, "GET / HTTP/1.1\nHost: h\n\n"],
          [
            400,
            "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          ],
          [
            413,
            "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5001\r\n\r\n",
          ],
          [
            431,
            `GET / HTTP/1.1\r\nHost: h\r\nA: ${"x".repeat(MAX_HEAD)}\r\n\r\n`,
          ],
          [
            501,
            "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n",
          ],
        ] as const
      ) {
        const text = await say(sim, GET + request + GET, GET);
        assert.deepEqual(statuses(text), [200, status]);
        assert.match(
          text,
          /Connection: close\r\nContent-Length: \d+\r\n\r\n\d{3} /,
        );
      }
      // The connection is kept where it is clear what follows.
      const unknown = "BREW / HTTP/1.1\r\nHost: h\r\n\r\n";
      const wrong = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx";
      const text = await say(sim, unknown + wrong + GET);
      assert.deepEqual(statuses(text), [501, 405, 200]);
      assert.match(text, /\r\nAllow: GET, HEAD\r\n/);
    }));

  it("gives up who takes too long for a head", () =>
    run(async (sim) => {
      const client: ReactRuntime = sim.runtime("client");
      const slow = await connectMessages(client, "server:80", unframed());
      await slow.send(new TextEncoder().encode("GET / HT"));
      const start = sim.now();
      for await (const _ of slow) assert.fail("it answered");
      assert.ok(sim.now() - start < 16_000);
    }));

  it("answers all requests of many clients, whatever the network does, and what has come when it is stopped", async () => {
    await simulate({ seeds: 10, faults: "gentle" }, async (sim) => {
      const server = await startServer(sim);
      const body = Uint8Array.from({ length: 4000 }, (_, i) => i);
      const clients = Array.from({ length: 3 }, (_, i) =>
        RequestClient.connect(
          sim.runtime(`client${i}`),
          "server:80",
          new ClientCodec(),
        ));
      const answers = clients.flatMap((client) =>
        [0, 0, 100, 100, 0].map((chunkSize) =>
          client.request({ method: "POST", target: "/echo", body, chunkSize })
        )
      );
      for (const { status, body: answer } of await Promise.all(answers)) {
        assert.equal(status, 200);
        assert.deepEqual(answer, body);
      }
      await server.stop({ drainMs: 1000 });
      for (const client of clients) await client.close();
    });
  });
});
