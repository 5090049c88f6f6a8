// The ports of a relay: both ends are in one thread, which neither can tell.

import { type Adapter, hostAdapter } from "../../mod.ts";
import { relayConnections } from "../../src/threads/relay/acceptor.ts";
import { relayedListener } from "../../src/threads/relay/relayed_listener.ts";
import { breakingPromises } from "../conformance/broken_connections.ts";
import { closingPromises } from "../conformance/closing.ts";
import { handingOnPromises } from "../conformance/handing_on.ts";
import { proxyPromises } from "../conformance/proxying.ts";
import { realEnvironment } from "../conformance/real_environment.ts";
import { startTlsPromises } from "../conformance/start_tls.ts";
import { transferPromises } from "../conformance/transfer.ts";
import { channel, UNHEARD, workerAdapter } from "./ports.ts";

/** The adapter of the host, but what listens is at the other end of a relay. */
function relayed(inner: Adapter): Adapter {
  return {
    ...workerAdapter(inner, async (barrier, options, events) => {
      const acceptor = await relayConnections(inner, options, UNHEARD);
      const { near, far } = channel();
      acceptor.addPort(1, near);
      const { address } = acceptor;
      const listener = relayedListener(far, address, events, barrier);
      return {
        address,
        resume: () => listener.resume(),
        close: () => listener.close().then(() => acceptor.close()),
      };
    }),
    name: `relayed ${inner.name}`,
  };
}

const environment = realEnvironment(relayed(hostAdapter()));
transferPromises(environment);
closingPromises(environment);
breakingPromises(environment);
handingOnPromises(environment);
proxyPromises(environment);
startTlsPromises(environment);
