import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  InvalidOptionError,
  readRecording,
  recordTo,
  ThreadedReactorMgr,
} from "../../mod.ts";
import { eventually } from "../conformance/support.ts";
import { moduleUrl, openPeers, withAgents } from "./agents.ts";

describe("a recorder of connections in threads", () => {
  it("is what the module gives to them, and writes a file for each", () =>
    withAgents(2, async (_agents, threads) => {
      const folder = mkdtempSync(join(tmpdir(), "reactio-"));
      try {
        const param = { folder };
        const listener = await threads.listenAll(
          "127.0.0.1:0",
          "recorded",
          param,
        );
        const peers = await openPeers(listener, 4);
        for (const peer of peers) peer.end();
        await Promise.all(peers.map(({ closed }) => closed));
        const recordings = () =>
          readdirSync(folder).map((file) =>
            readRecording(readFileSync(join(folder, file)))
          );
        await eventually(
          () => recordings().every(({ ending }) => ending === "closed"),
          "all recordings have ended",
        );
        assert.equal(recordings().length, 4);
      } finally {
        rmSync(folder, { recursive: true });
      }
    }));

  it("cannot be sent to them: the error says who can give it", () =>
    assert.rejects(
      ThreadedReactorMgr.start({
        threads: 1,
        module: moduleUrl("agent_module"),
        runtime: { record: recordTo(() => undefined) } as never,
      }),
      (error) =>
        error instanceof InvalidOptionError &&
        /cannot be sent to threads.*the module gives it/.test(error.message),
    ));
});
