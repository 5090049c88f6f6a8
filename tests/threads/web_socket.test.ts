import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  connectMessages,
  hostAdapter,
  lines,
  ReactRuntime,
  ThreadedReactorMgr,
} from "../../mod.ts";
import { webSocketClient } from "../../src/entries/websocket.ts";
import { server as credential } from "../support/certificates.ts";
import { moduleUrl } from "./agents.ts";
import type reactors from "./modules/web_echo.ts";

describe("one port of WebSockets for all threads", () => {
  for (const tls of [undefined, credential]) {
    it(`is served by each, by relay or not, ${tls ? "in" : "without"} TLS`, async () => {
      const threads = await ThreadedReactorMgr.start<typeof reactors>({
        threads: 2,
        module: moduleUrl("modules/web_echo"),
      });
      const runtime = new ReactRuntime({ adapter: hostAdapter() });
      try {
        const { address } = await threads.listenAll(
          "127.0.0.1:0",
          "web",
          undefined,
          tls && { tls },
        );
        const { options } = webSocketClient(
          `${tls ? "wss" : "ws"}://localhost`,
          {
            tls: { verify: false },
          },
        );
        const clients = await Promise.all(
          Array.from(
            { length: 8 },
            () => connectMessages(runtime, address, lines(), options),
          ),
        );
        const asked = clients.map(async (client) => {
          await client.send("hello");
          return await client.receive({ timeoutMs: 10_000 });
        });
        for (const answer of await Promise.all(asked)) {
          assert.match(String(answer), /^[01]: hello$/);
        }
      } finally {
        await runtime.stop();
        await threads.stop();
      }
    });
  }
});
