import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { TLSSocket } from "node:tls";
import {
  InvalidCredentialError,
  InvalidOptionError,
  type WorkerExit,
} from "../../mod.ts";
import { signal } from "../conformance/support.ts";
import * as certificates from "../support/certificates.ts";
import { encrypted } from "../support/encrypted_keys.ts";
import { asTcp } from "../support/tcp.ts";
import { tlsClient } from "../tls/clients.ts";
import { withAgents } from "./agents.ts";

/** Sends something to the server of `peer`, and waits for the echo. */
async function echoed(peer: TLSSocket): Promise<void> {
  const answer = signal<Uint8Array>();
  peer.on("data", answer.resolve);
  peer.on("error", answer.reject);
  peer.write("abc");
  assert.equal(`${await answer.promise}`, "abc");
  peer.destroy();
}

describe("one port of TLS for all threads", () => {
  it("each thread uses TLS, by relay or not, and bad credentials are refused before anything is bound", () =>
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
        await echoed(peer);
      }
      assert.equal(listener.spread.reduce((sum, count) => sum + count), 4);
      await listener.close();
    }));

  it("takes a renewed certificate in every thread and in one that is restarted; a bad one changes nothing", async () => {
    const exited = signal<WorkerExit>();
    await withAgents(2, async ([a], threads) => {
      const { server } = certificates;
      const [renewed] = encrypted(certificates.renewed, "sesame");
      const listener = await threads.listenAll(
        "127.0.0.1:0",
        "echo",
        undefined,
        {
          tls: server,
        },
      );
      const address = asTcp(listener.address);
      /** The names in the certificates that clients get, until each thread has served one more. */
      const shown = async (): Promise<string[]> => {
        const before = listener.spread;
        const names = new Set<string>();
        for (let i = 0; i < 500; i++) {
          const peer = await tlsClient(address);
          names.add(`${peer.getPeerCertificate().subject.CN}`);
          await echoed(peer);
          const { spread } = listener;
          if (spread.every((count, id) => count > before[id])) {
            return [...names];
          }
        }
        return ["one thread has served none"];
      };
      assert.deepEqual(await shown(), ["server"]);
      await assert.rejects(
        listener.setTls({ ...server, key: "" }),
        InvalidCredentialError,
      );
      await assert.rejects(
        listener.setTls({ cert: renewed.cert, key: server.key }),
        InvalidCredentialError,
      );
      await assert.rejects(
        listener.setTls({ ...renewed, passphrase: "open" }),
        InvalidCredentialError,
      );
      assert.deepEqual(await shown(), ["server"]);
      await listener.setTls(renewed);
      assert.deepEqual(await shown(), ["renewed"]);
      await a.run(() =>
        void setTimeout(() => {
          throw new Error("ended");
        }, 1)
      );
      await exited.promise;
      assert.deepEqual(await shown(), ["renewed"]);
      const plain = await threads.listenAll("127.0.0.1:0", "echo");
      await assert.rejects(plain.setTls(server), InvalidOptionError);
    }, { restart: true, onWorkerExit: exited.resolve });
  });
});
