import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  handshakeFailure,
  secureFailureOf,
} from "../../src/adapters/tls/tls_failures.ts";

const DENO = "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE";
const BUN = "error:1:SSL routines:OPENSSL_internal:";

describe("a handshake that has failed", () => {
  for (
    const [reason, message, code] of [
      ["refused", "1:error:2:SSL routines:f:sslv3 alert handshake failure:f"],
      ["refused", "received fatal alert: HandshakeFailure", DENO],
      ["refused", `${BUN}SSLV3_ALERT_HANDSHAKE_FAILURE`],
      ["no-common-version", "peer is incompatible: NoCipherSuites", DENO],
      ["other", "peer misbehaved: TooManyWarningAlertsReceived", DENO],
      ["other", "received unexpected message: got ApplicationData", DENO],
      ["other", `${BUN}TOO_MANY_WARNING_ALERTS`],
    ] as const
  ) {
    it(`by "${message}" is ${reason}`, () => {
      const error = Object.assign(new Error(message), { code });
      assert.equal(handshakeFailure(error).reason, reason);
    });
  }

  it("by a certificate is untrusted, whatever is wrong with it that has no reason of its own", () => {
    const hungUp = Object.assign(new Error("socket hang up"), {
      code: "ECONNRESET",
    });
    const reasons = ["CERT_HAS_EXPIRED", "UNSPECIFIED", "SOMETHING_NEW"].map(
      (verdict) => handshakeFailure(hungUp, verdict).reason,
    );
    assert.deepEqual(reasons, ["expired", "untrusted", "untrusted"]);
    assert.equal(handshakeFailure(hungUp, null).reason, "closed");
    const ofBun = Object.assign(new Error("permitted subtree violation"), {
      code: "UNSPECIFIED",
    });
    assert.equal(handshakeFailure(ofBun).reason, "untrusted");
    const usage = new Error(`${BUN}KEY_USAGE_BIT_INCORRECT`);
    assert.equal(handshakeFailure(usage).reason, "untrusted");
  });
});

describe("a connection in TLS that has failed", () => {
  for (
    const [words, message] of [
      [
        "certificate required",
        "80AC:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:../deps/x.c:1601:SSL alert number 116\n",
      ],
      [
        "bad certificate",
        "80AC:error:0A000412:SSL routines:ssl3_read_bytes:ssl/tls alert bad certificate:../deps/x.c:912:SSL alert number 42\n",
      ],
      ["certificate required", "received fatal alert: CertificateRequired"],
      ["certificate required", `${BUN}TLSV1_ALERT_CERTIFICATE_REQUIRED`],
      ["bad certificate", `${BUN}SSLV3_ALERT_BAD_CERTIFICATE`],
      ["unknown ca", "received fatal alert: UnknownCA"],
    ]
  ) {
    it(`by "${message.trim()}" says ${words}`, () => {
      const error = new Error(message);
      const failure = secureFailureOf(error);
      assert.equal(failure.kind, "other");
      assert.equal(
        failure.message,
        `it ended TLS with the alert "${words}"`,
      );
      assert.equal((failure.cause as Error).cause, error);
    });
  }

  for (
    const [message, code] of [
      ["80AC:error:0A00010B:SSL routines:f:wrong version number:../deps/x.c:354:\n"],
      [
        "received corrupt message of type InvalidContentType",
        "ERR_SSL_WRONG_VERSION_NUMBER",
      ],
      ["cannot decrypt peer's message", DENO],
      [`${BUN}DECRYPTION_FAILED_OR_BAD_RECORD_MAC`],
    ]
  ) {
    it(`by "${message.trim()}" is broken TLS`, () => {
      const error = Object.assign(new Error(message), { code });
      const failure = secureFailureOf(error);
      assert.equal(failure.kind, "broken-tls");
      assert.equal(failure.cause, error);
    });
  }

  it("by anything else is what it is without TLS", () => {
    const error = Object.assign(new Error("read"), { code: "ECONNRESET" });
    assert.equal(secureFailureOf(error).kind, "reset");
    assert.equal(secureFailureOf(error).cause, error);
    assert.equal(secureFailureOf(undefined).kind, "other");
  });
});
