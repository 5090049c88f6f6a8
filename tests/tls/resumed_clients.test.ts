import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { describe, it } from "node:test";
import type {
  NativeCertificate,
  NativeTlsSocket,
} from "../../src/adapters/tls/node_tls_types.ts";
import { ResumedClients } from "../../src/adapters/tls/resumed_clients.ts";
import * as certificates from "../support/certificates.ts";

const { ca, client, clientCa, expiredClient, selfSigned, server } =
  certificates;
const { constrainedCa, disguised, evilClient } = certificates;

/** A connection whose peer has presented `shown`, its own certificate first. */
function connection(shown: readonly string[], isReused = true) {
  const told = shown.reduceRight<NativeCertificate>(
    (issuerCertificate, pem) => ({
      raw: new X509Certificate(pem).raw,
      issuerCertificate,
    }),
    {},
  );
  return {
    isSessionReused: () => isReused,
    getPeerCertificate: () => told,
  } as unknown as NativeTlsSocket;
}

describe("a client that goes on with a session", () => {
  const clients = new ResumedClients([`${ca}${clientCa}`]);
  const { cert } = client;

  it("is right if its certificate leads to an authority", () => {
    for (const shown of [[cert], [cert, clientCa]]) {
      assert.equal(clients.faultOf(connection(shown)), undefined);
    }
    const others = new ResumedClients([ca]);
    assert.equal(others.faultOf(connection([cert])), "untrusted");
  });

  it("is wrong if it has none, or one that is wrong, or one of which that cannot be told", () => {
    const wrong: [string, string[]][] = [
      ["no-certificate", []],
      ["untrusted", [selfSigned.cert]],
      ["untrusted", [selfSigned.cert, clientCa]],
      ["expired", [expiredClient.cert]],
      ["untrusted", [cert, selfSigned.cert, server.cert]],
    ];
    for (const [reason, shown] of wrong) {
      assert.equal(clients.faultOf(connection(shown)), reason);
    }
    const nobody = new ResumedClients();
    assert.equal(nobody.faultOf(connection([cert])), "untrusted");
  });

  it("is wrong if its certificate is for something else, also if its name has the bytes that tell of clients", () => {
    for (const shown of [server.cert, disguised.cert]) {
      assert.equal(clients.faultOf(connection([shown])), "untrusted");
    }
  });

  it("is wrong if an authority may sign some names only, wherever that is: what names it has is not looked at", () => {
    const { cert } = evilClient;
    const between = connection([cert, constrainedCa]);
    const at = connection([cert]);
    const constrained = new ResumedClients([constrainedCa]);
    const both = new ResumedClients([clientCa, constrainedCa]);
    assert.equal(clients.faultOf(between), "untrusted");
    for (const one of [constrained, both]) {
      for (const shown of [at, between]) {
        assert.equal(one.faultOf(shown), "untrusted");
      }
    }
  });

  it("is a matter of the runtime if its session has just begun", () => {
    const begun = connection([selfSigned.cert], false);
    assert.equal(clients.faultOf(begun), undefined);
  });
});
