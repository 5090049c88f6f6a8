import { after, afterEach, describe } from "node:test";
import process from "node:process";
import { hostAdapter, SimNetwork } from "../../mod.ts";
import { transportConformance } from "../conformance/suite.ts";
import {
  realUnixEnvironment,
  simUnixEnvironment,
  unixAdapters,
  type UnixEnvironment,
} from "../conformance/unix_environment.ts";
import { unixFilePromises, unixPromises } from "../conformance/unix_sockets.ts";

function promises(environment: UnixEnvironment): void {
  after(environment.remove);
  afterEach(environment.settle);
  transportConformance(environment);
  unixPromises(environment);
}

// Windows has named pipes in their place, which are not tried here.
if (process.platform !== "win32") {
  for (const adapter of unixAdapters(hostAdapter())) {
    describe(`Unix sockets of ${adapter.name}`, () => {
      const environment = realUnixEnvironment(adapter);
      promises(environment);
      unixFilePromises(environment);
    });
  }
}

// What is simulated does not depend on the runtime, as sim/runtimes.test.ts
// shows: the one whose suite ends first plays it.
if (hostAdapter().name === "node") {
  for (const writes of ["counts", "borrows"] as const) {
    describe(`Unix sockets of a simulated host, ${writes}`, () => {
      const network = new SimNetwork({ seed: 7, writes });
      promises(simUnixEnvironment(network));
    });
  }
}
