import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { handshakeFailure } from "../src/adapters/tls/tls_failures.ts";

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
