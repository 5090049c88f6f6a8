import { hostAdapter, nodeAdapter } from "../../mod.ts";
import { backPressurePromises } from "../conformance/back_pressure.ts";
import { contextPromises } from "../conformance/contexts.ts";
import { creditPromises } from "../conformance/credit.ts";
import { messagePromises } from "../conformance/messages.ts";
import { tlsEnvironment } from "../conformance/tls_environment.ts";
import { transferPromises } from "../conformance/transfer.ts";
import { OpaqueAdapter } from "../support/opaque_adapter.ts";

// Promises that depend on the transport must hold in TLS as well.
const environment = await tlsEnvironment(hostAdapter());
transferPromises(environment);
backPressurePromises(environment);
creditPromises(environment);
messagePromises(environment);
contextPromises(environment);

// On Node, TLS works differently over sockets that are not Node's own.
if (hostAdapter() === nodeAdapter) {
  backPressurePromises(await tlsEnvironment(new OpaqueAdapter(nodeAdapter)));
}
