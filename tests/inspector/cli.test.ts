import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, it } from "node:test";
import { hostAdapter, type ReactRuntime } from "../../mod.ts";
import { commandLine } from "../../src/entries/cli/command_line.ts";
import {
  type Answer,
  InspectorClient,
} from "../../src/entries/cli/inspector_client.ts";
import { screen } from "../../src/entries/cli/screen.ts";
import { screenSize } from "../../src/entries/cli/top.ts";
import { echo, withRuntime } from "../conformance/support.ts";
import { asTcp } from "../support/tcp.ts";
import { withInspector } from "./ask.ts";

const TOKEN = "0123456789abcdef";

describe("the command reactio", () => {
  it("takes an address as host:port or as the URL of an inspector, and a token", () => {
    const top = (url: string, token?: string, isOnce = false) => ({
      ...{ kind: "top", url, token, isOnce },
    });
    for (
      const [args, env, expected] of [
        [["localhost:9229"], {}, top("http://localhost:9229/")],
        [["http://[::1]:9229/"], {}, top("http://[::1]:9229/")],
        [
          [`https://a:1/#token=${TOKEN}%2B`],
          { REACTIO_TOKEN: "x" },
          top("https://a:1/", `${TOKEN}+`),
        ],
        [
          ["--once", "a:1"],
          { REACTIO_TOKEN: TOKEN },
          top("http://a:1/", TOKEN, true),
        ],
      ] as const
    ) {
      assert.deepEqual(commandLine(["top", ...args], env), expected);
    }
  });

  it("says what it cannot use", () => {
    const kindOf = (...args: string[]) => commandLine(args, {}).kind;
    assert.equal(kindOf(), "help");
    assert.equal(kindOf("top", "--help"), "help");
    for (
      const args of [
        ["top"],
        ["top", "a:1", "b:2"],
        ["top", "--twice", "a:1"],
        ["top", "http://"],
        ["top", "http://a:1/#token=%"],
        ["bottom", "a:1"],
      ]
    ) {
      assert.equal(kindOf(...args), "mistake", args.join(" "));
    }
  });

  it("is told by an inspector what it shows, if it has the token", () =>
    withRuntime(hostAdapter(), {}, async (runtime: ReactRuntime) => {
      const { address } = await runtime.listen("127.0.0.1:0", {
        onNewConnection: () => ({ reactor: echo() }),
      });
      await runtime.connect(address, echo());
      await withInspector(runtime, { token: TOKEN }, async (inspector) => {
        const url = `http://127.0.0.1:${asTcp(inspector.address).port}/`;
        const answer = await new InspectorClient(url, TOKEN).ask("age", 10);
        assert.equal(answer.total, 2);
        const lines = screen(
          {
            ...{ answer, before: answer, spanMs: 1000, sort: "age" },
            isPaused: false,
          },
          Infinity,
          Infinity,
        );
        assert.match(
          lines[0],
          /^reactio top {2}up 0:00:\d\d {2}2 connections$/,
        );
        assert.equal(lines.filter((line) => /\bopen$/.test(line)).length, 2);
        for (const token of [undefined, "another"]) {
          await assert.rejects(
            new InspectorClient(url, token).ask("in", 1),
            /the inspector refused: the token is missing, or another one/,
          );
        }
      });
    }));

  it("says so if something else answers than an inspector", async () => {
    let text = "";
    const server = createServer((_request, response) => response.end(text));
    await new Promise<void>((resolve) =>
      server.listen(0, "127.0.0.1", () => resolve())
    );
    const { port } = server.address() as { port: number };
    const client = new InspectorClient(`http://127.0.0.1:${port}/`, undefined);
    try {
      for (text of ["", "<html>", "null", "[]", '{"threads":1}', '"\\u001b"']) {
        await assert.rejects(
          client.ask("in", 1),
          { message: "there is no inspector at that address" },
        );
      }
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it("takes a terminal that does not know its size for one of 80 by 24", () => {
    assert.deepEqual(screenSize({ columns: 0, rows: 0 }), {
      columns: 80,
      rows: 24,
    });
    const known = { columns: 120, rows: 2 };
    assert.deepEqual(screenSize(known), known);
  });

  it("shows no more than the screen has room for, and nothing that moves the cursor", () => {
    const stats = {
      ...{ open: 1, bytesIn: 0, bytesOut: 0, messagesIn: 0, messagesOut: 0 },
      ...{ bytesQueued: 0, uptimeMs: 3_723_000 },
      ...{ requested: { inFlight: 2 }, served: { inFlight: 3 } },
      turnTime: { maxMs: 1, count: 1 },
      loopDelay: { maxMs: 1, count: 1 },
    };
    const later = { ...stats, messagesIn: 3000, bytesIn: 6_000_000 };
    const connections = Array.from({ length: 100 }, () => ({
      ...{ thread: "0", peer: "unix:/\x1b[2J", openMs: 61_000 },
      ...{ inPerSecond: 1, outPerSecond: 2, bytesQueued: 3, state: "open" },
    }));
    const answerOf = (threadStats: typeof stats): Answer => ({
      threads: [{ thread: "0", stats: threadStats }],
      total: 100,
      connections,
    });
    const lines = screen(
      {
        ...{ answer: answerOf(later), before: answerOf(stats), spanMs: 2000 },
        ...{ sort: "in", isPaused: true },
      },
      60,
      20,
    );
    assert.equal(lines.length, 20);
    assert.ok(lines.every((line) => line.length <= 60));
    assert.equal(lines[0], "reactio top  up 1:02:03  100 connections  PAUSED");
    assert.match(
      lines[1],
      /^messages 1.5K\/s in, 0\/s out {2}bytes 3 MB\/s in/,
    );
    assert.match(lines[3], /^THREAD .* REQUESTS {2}QUEUED /);
    assert.match(lines[4], /^0 .* 5 {5}0 B /);
    assert.ok(lines.every((line) => !line.includes("\x1b")));
    assert.match(lines.at(-1) as string, /^unix:\/\?\[2J +0 +0:01:01/);

    const restarted = screen(
      {
        ...{ answer: answerOf(stats), before: answerOf(later), spanMs: 2000 },
        ...{ sort: "in", isPaused: false },
      },
      60,
      20,
    );
    assert.match(
      restarted[1],
      /^messages 0\/s in, 0\/s out {2}bytes 0 B\/s in/,
    );
  });
});
