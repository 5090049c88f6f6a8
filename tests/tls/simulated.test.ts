// Simulations do not depend on the runtime: scripts/test_shards.mjs runs this on
// only one of them.

import { afterEach, describe } from "node:test";
import { SimNetwork, type Tls } from "../../mod.ts";
import { closingPromises } from "../conformance/closing.ts";
import { halfClosePromises } from "../conformance/half_close.ts";
import { messagePromises } from "../conformance/messages.ts";
import { sendingPromises } from "../conformance/sending.ts";
import { simEnvironment } from "../conformance/sim_environment.ts";
import { tlsAgreementPromises } from "../conformance/tls_agreement.ts";
import { NO_RECORDS, tlsBrokenPromises } from "../conformance/tls_broken.ts";
import { tlsEndingPromises } from "../conformance/tls_endings.ts";
import { securedBy } from "../support/tls_adapter.ts";

for (const writes of ["counts", "borrows"] as const) {
  describe(`TLS on a simulated network, ${writes}`, () => {
    const plain = simEnvironment(new SimNetwork({ seed: 7, writes }));
    afterEach(plain.settle);
    tlsAgreementPromises(plain);
    tlsEndingPromises(plain);
    tlsBrokenPromises(plain, NO_RECORDS); // nothing is encrypted
  });

  describe(`a simulated network under TLS, ${writes}`, () => {
    const network = new SimNetwork({ seed: 7, writes });
    const secured = simEnvironment(
      network,
      (adapter) => securedBy(adapter, adapter.loadTls?.() as Tls),
    );
    afterEach(secured.settle);
    messagePromises(secured);
    sendingPromises(secured);
    halfClosePromises(secured);
    closingPromises(secured);
  });
}
