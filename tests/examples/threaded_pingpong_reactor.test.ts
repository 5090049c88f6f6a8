// The test of the Rust crate for its example: examples/example/threaded_pingpong.rs.

import assert from "node:assert/strict";
import { test } from "node:test";
import type reactors from "../../examples/threaded_pingpong_reactors.ts";
import { Score } from "../../examples/threaded_pingpong_reactors.ts";
import { ThreadedReactorMgr } from "../../mod.ts";
import { eventually, quietly } from "../conformance/support.ts";
import { built } from "../support/built.ts";

const module = new URL(
  built("../../examples/threaded_pingpong_reactors.ts"),
  import.meta.url,
);

test("test_threaded_pingpong: the client commands the server in the other thread by name, and both end after five round trips", () =>
  quietly(async () => {
    const score = new Score();
    const mgr = await ThreadedReactorMgr.start<typeof reactors>({
      threads: 2,
      module,
      services: { score: () => score },
    });
    const [threadId0, threadId1] = [0, 1];
    const failures: Error[] = [];

    mgr.getCmdSender(threadId0).sendListen(
      "127.0.0.1:0",
      "server",
      { name: "server" },
      {
        completion(listening) {
          if (!listening.ok) return void failures.push(listening.error);
          mgr.getCmdSender(threadId1).sendConnect(
            listening.localAddress,
            "client",
            {
              name: "client",
              server: "server-1",
              count: 5,
              batch: 1000,
            },
            {
              completion(connected) {
                if (!connected.ok) failures.push(connected.error);
              },
            },
          );
        },
      },
    );

    await eventually(() => score.closed === 2, "both have ended", 5000);
    assert.deepEqual(failures, []);
    assert.equal(score.commands, 1);
    await mgr.stop();
    assert.equal(mgr.nameCount, 0);
  }));
