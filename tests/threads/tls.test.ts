import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidCredentialError } from "../../mod.ts";
import { signal } from "../conformance/support.ts";
import * as certificates from "../support/certificates.ts";
import { asTcp } from "../support/tcp.ts";
import { tlsClient } from "../tls_fixture.ts";
import { withAgents } from "./agents.ts";

describe("one port of TLS for all threads", () => {
  it("each speaks it, by relay or not, and bad material is refused before anything is bound", () =>
    withAgents(2, async (_agents, threads) => {
      const { server, clientCa, client } = certificates;
      await assert.rejects(
        threads.listenAll("127.0.0.1:0", "echo", undefined, {
          tls: { ...server, key: "" },
        }),
        InvalidCredentialError,
      );
      const listener = await threads.listenAll(
        "127.0.0.1:0",
        "echo",
        undefined,
        { tls: { ...server, ca: new TextEncoder().encode(clientCa) } },
      );
      const address = asTcp(listener.address);
      for (let i = 0; i < 4; i++) {
        const peer = await tlsClient(address, client);
        const answer = signal<Uint8Array>();
        peer.on("data", answer.resolve);
        peer.on("error", answer.reject);
        peer.write("abc");
        assert.equal(`${await answer.promise}`, "abc");
        peer.destroy();
      }
      assert.equal(listener.spread.reduce((sum, count) => sum + count), 4);
      await listener.close();
    }));
});
