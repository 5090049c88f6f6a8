import { backPressurePromises } from "./back_pressure.ts";
import { breakingPromises } from "./broken_connections.ts";
import { bufferedBytesPromises } from "./buffered_bytes.ts";
import { codecPromises } from "./codecs.ts";
import { closingPromises } from "./closing.ts";
import { commandPromises } from "./commands.ts";
import { contextPromises } from "./contexts.ts";
import { creditPromises } from "./credit.ts";
import { diagnosticsPromises } from "./diagnostics.ts";
import { failurePromises } from "./failures.ts";
import type { Environment } from "./environment.ts";
import { framingPromises } from "./framing.ts";
import { groupPromises } from "./groups.ts";
import { halfClosePromises } from "./half_close.ts";
import { handlePromises } from "./handles.ts";
import { handingOnPromises } from "./handing_on.ts";
import { heldUpPromises } from "./held_up.ts";
import { largeMessagePromises } from "./large_messages.ts";
import { namePromises } from "./names.ts";
import { lettingGoPromises } from "./letting_go.ts";
import { lifecyclePromises } from "./lifecycle.ts";
import { messageConnectionPromises } from "./message_connections.ts";
import { messagePromises } from "./messages.ts";
import { peerLoggingPromises } from "./peer_logging.ts";
import { proxyPromises } from "./proxying.ts";
import { refusingPromises } from "./throw_or_close.ts";
import { scheduledCallPromises } from "./scheduled_calls.ts";
import { sendingPromises } from "./sending.ts";
import { startTlsPromises } from "./start_tls.ts";
import { stayingPromises } from "./keep_connected.ts";
import { clientConnectionPromises } from "./client_connections.ts";
import { clientHookPromises } from "./client_hooks.ts";
import { requestingPromises } from "./requesting.ts";
import { servingEndPromises } from "./serving_ends.ts";
import { servingPromises } from "./serving.ts";
import { transferPromises } from "./transfer.ts";
import { statsPromises, trafficCountPromises } from "./stats.ts";
import { turnPromises } from "./turns.ts";
import { webStreamPromises } from "./web_streams.ts";

/** Tests of what depends on the transport, for every transport. */
export function transportConformance(environment: Environment): void {
  sendingPromises(environment);
  framingPromises(environment);
  largeMessagePromises(environment);
  backPressurePromises(environment);
  halfClosePromises(environment);
  breakingPromises(environment);
  closingPromises(environment);
  lettingGoPromises(environment);
  refusingPromises(environment);
  trafficCountPromises(environment);
}

/** Tests of everything that the library promises on any adapter. */
export function conformance(environment: Environment): void {
  transferPromises(environment);
  backPressurePromises(environment);
  creditPromises(environment);
  groupPromises(environment);
  bufferedBytesPromises(environment);
  lifecyclePromises(environment);
  lettingGoPromises(environment);
  messagePromises(environment);
  codecPromises(environment);
  messageConnectionPromises(environment);
  webStreamPromises(environment);
  handlePromises(environment);
  commandPromises(environment);
  failurePromises(environment);
  namePromises(environment);
  stayingPromises(environment);
  peerLoggingPromises(environment);
  proxyPromises(environment);
  if (environment.adapter.loadTls !== undefined) startTlsPromises(environment);
  turnPromises(environment);
  statsPromises(environment);
  diagnosticsPromises(environment);
  scheduledCallPromises(environment);
  contextPromises(environment);
  handingOnPromises(environment);
  heldUpPromises(environment);
  servingPromises(environment);
  servingEndPromises(environment);
  requestingPromises(environment);
  clientConnectionPromises(environment);
  clientHookPromises(environment);
}
