import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HttpRequest } from "../../src/inspector/http/http_message.ts";
import { Routes } from "../../src/inspector/routes.ts";
import { ClosedConnections } from "../../src/inspector/view/closed_connections.ts";
import type { ViewQuestion } from "../../src/inspector/view/question.ts";
import { Tail } from "../../src/inspector/view/tail.ts";
import { Watched } from "../../src/inspector/watched.ts";

const ALLOWED = { close: true, drain: true, tail: true };

/** What a thread is asked when somebody asks for `target`. */
function questionFor(target: string): ViewQuestion {
  const asked: ViewQuestion[] = [];
  const thread = {
    name: "0",
    ask(question: ViewQuestion) {
      asked.push(question);
      return Promise.reject(new Error("it has ended"));
    },
  };
  const watched = new Watched(() => [thread], () => ({
    isPending: true,
    cancel: () => true,
    [Symbol.dispose]: () => {},
  }));
  const [path, query] = target.split("?");
  const request: HttpRequest = {
    ...{ method: "GET", path, headers: new Map(), body: "" },
    query: new URLSearchParams(query),
  };
  void new Routes(watched, ALLOWED).answer(request);
  assert.equal(asked.length, 1);
  return asked[0];
}

describe("an inspector", () => {
  it("asks for no more rows than there may be, however many somebody wants", () => {
    const search = "x".repeat(500);
    const most = "limit=999999&offset=99999999";
    assert.deepEqual(
      questionFor(`/api/connections?${most}&search=${search}&sort=constructor`),
      {
        kind: "connections",
        query: {
          ...{ sort: "id", isDescending: false, search: "x".repeat(100) },
          ...{ offset: 10_000, limit: 200 },
        },
      },
    );
    assert.deepEqual(
      questionFor("/api/closed?limit=5000"),
      { kind: "closed", limit: 1000 },
    );
    assert.deepEqual(
      questionFor("/api/closed?limit=-5"),
      { kind: "closed", limit: 100 },
    );
  });

  it("keeps the beginnings of what goes through a connection, and their sizes", () => {
    const tail = new Tail();
    tail.onReceived(new Uint8Array(2000).fill(7), 1000);
    tail.onSent(new Uint8Array(2000).fill(8), 100, 103);
    assert.deepEqual(tail.since(0), [
      { direction: "in", size: 1000, bytes: "07".repeat(256) },
      { direction: "out", size: 3, bytes: "080808" },
    ]);
    for (let i = 0; i < 1000; i++) tail.onReceived(Uint8Array.of(1), 1);
    assert.equal(tail.since(0).length, 256);
  });

  it("keeps the last thousand connections that were closed, and the beginnings of why", () => {
    const closed = new ClosedConnections();
    const moved = { peer: "a", openMs: 1, bytesIn: 2, bytesOut: 3 };
    for (let i = 0; i < 1500; i++) {
      const reason = i % 2 === 0 ? undefined : new Error("x".repeat(10_000));
      closed.add({ ...moved, reason }, i);
    }
    const { rows, reasons } = closed.lately(2, 2000);
    assert.deepEqual(reasons, { "cleanly": 500, Error: 500 });
    assert.deepEqual(rows.map(({ number }) => number), [1499, 1498]);
    assert.deepEqual(rows.map(({ agoMs }) => agoMs), [501, 502]);
    assert.equal(rows[0].reason.length, 201);
    assert.equal(rows[1].reason, "cleanly");
  });
});
