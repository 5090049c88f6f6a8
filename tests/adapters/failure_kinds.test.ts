import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type FailureKind, SocketFailure } from "../../mod.ts";
import {
  failureOf,
  tcpFailureAt,
  whileAccepting,
  whileResolving,
} from "../../src/adapters/failure_kinds.ts";

/** An error as runtimes make it, in whatever language its text is. */
function hostError(properties: object): Error {
  return Object.assign(new Error("ein Fehler"), properties);
}

/** What an error of a connect to `hostname` means. */
function kindAt(hostname: string, properties: object): FailureKind {
  return tcpFailureAt(hostname, failureOf(hostError(properties))).kind;
}

/** What an error of accepting means. */
function kindWhileAccepting(properties: object): FailureKind {
  return whileAccepting(failureOf(hostError(properties))).kind;
}

describe("an error of the host", () => {
  it("keeps its own error as the cause, whatever was thrown", () => {
    for (const thrown of [new Error("no"), "no", null, undefined, {}]) {
      const failure = failureOf(thrown);
      assert.ok(failure instanceof SocketFailure);
      assert.equal(failure.kind, "other");
      assert.equal(failure.cause, thrown);
    }
  });

  it("of a code that no table has is another one, also if all objects have something of that name", () => {
    for (const code of ["EODD", "constructor", "toString"]) {
      assert.equal(failureOf(hostError({ code })).kind, "other");
      const error = Object.assign(hostError({}), { name: code });
      assert.equal(failureOf(error).kind, "other");
    }
  });

  it("is told in its own words, up to 1000 characters", () => {
    const words = `no such address: ${"long".repeat(200)} end`;
    assert.equal(failureOf(new Error(words)).message, words);
    const { message } = failureOf(new Error("x".repeat(1001)));
    assert.equal(message, `${"x".repeat(1000)}… (1001 characters)`);
  });

  it("of several addresses is that of the first", () => {
    const first = hostError({ code: "ECONNREFUSED" });
    const all = new AggregateError([first, hostError({ code: "ETIMEDOUT" })]);
    assert.equal(failureOf(all).kind, "refused");
    assert.equal(failureOf(all).cause, first);
  });

  it("of a name that does not resolve is known by its code, or by having none, in any language", () => {
    for (
      const properties of [
        { code: "ENOTFOUND" },
        { code: "EAI_AGAIN" },
        { code: "ENOENT" }, // Deno on Windows
        { code: "EINVAL", syscall: "getaddrinfo" }, // Node, of a bad xn-- label
        { code: "EAI_FAIL", syscall: "getaddrinfo" },
        {}, // Deno, and a listen of Bun
      ]
    ) {
      assert.equal(kindAt("example.org", properties), "name-not-found");
    }
  });

  it("of a literal address is never that it does not resolve: what has no such zone is not available", () => {
    for (const properties of [{}, { code: "EINVAL" }, { code: "ENOTFOUND" }]) {
      assert.equal(kindAt("fe80::1%nope", properties), "not-available");
    }
    for (const hostname of ["127.0.0.1", "::1"]) {
      assert.equal(kindAt(hostname, {}), "other");
    }
  });

  it("of a permission that was not given is a denial on every runtime", () => {
    for (
      const properties of [
        { code: "EACCES" },
        { code: "EPERM" },
        { code: "ERR_ACCESS_DENIED" }, // Node
        { name: "NotCapable" }, // Deno
        { name: "PermissionDenied" },
      ]
    ) {
      assert.equal(kindAt("127.0.0.1", properties), "denied");
      assert.equal(kindAt("example.org", properties), "denied");
    }
  });
});

describe("an error of accept", () => {
  it("that is of one connection, or of the network at the moment, is passing", () => {
    for (
      const code of [
        ...["EPROTO", "EPERM", "ETIMEDOUT", "ENETDOWN", "ENETUNREACH"],
        ...["EHOSTDOWN", "EHOSTUNREACH", "ENONET", "ENOPROTOOPT"],
        ...["EOPNOTSUPP", "EINTR", "EAGAIN"],
      ]
    ) {
      assert.equal(kindWhileAccepting({ code }), "transient", code);
    }
    assert.equal(kindWhileAccepting({ name: "TimedOut" }), "transient");
  });

  it("that tells of a connection that is gone by then is reset", () => {
    for (const code of ["ECONNABORTED", "ECONNRESET", "ENOTCONN", "EPIPE"]) {
      assert.equal(kindWhileAccepting({ code }), "reset", code);
    }
    for (const name of ["ConnectionAborted", "NotConnected"]) {
      assert.equal(kindWhileAccepting({ name }), "reset", name);
    }
  });

  it("that nobody knows is passing, too: a listener is not given up for it", () => {
    for (
      const properties of [
        {},
        { code: "ENEW" },
        { code: "EINVAL" }, // on macOS of a connection that is gone
        { name: "BadResource" }, // Deno of EINTR
        { name: "Other" },
      ]
    ) {
      assert.equal(kindWhileAccepting(properties), "transient");
    }
  });

  it("that tells of a lack of resources stays that", () => {
    for (const code of ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"]) {
      assert.equal(kindWhileAccepting({ code }), "exhausted", code);
    }
  });

  it("that tells of a socket which does not listen is final", () => {
    for (const code of ["EBADF", "ENOTSOCK"]) {
      const kind = kindWhileAccepting({ code });
      assert.equal(kind, "other", code);
    }
  });
});

describe("an error of a look-up", () => {
  const kindOf = (properties: object) =>
    whileResolving(failureOf(hostError(properties))).kind;

  it("is that the name was not found, whatever the resolver calls it", () => {
    for (
      const properties of [
        {},
        { code: "ENOTFOUND" },
        { code: "EAI_AGAIN" },
        { code: "DNS_ENOTFOUND" }, // Bun
        { code: "ECONNREFUSED" }, // of the server of names
        { code: "ETIMEOUT" },
        { name: "NotFound" },
      ]
    ) {
      assert.equal(kindOf(properties), "name-not-found");
    }
  });

  it("is something else if nobody was asked", () => {
    assert.equal(kindOf({ code: "EPERM" }), "denied");
    assert.equal(kindOf({ code: "ERR_ACCESS_DENIED" }), "denied");
    assert.equal(kindOf({ code: "EMFILE" }), "exhausted");
  });
});
