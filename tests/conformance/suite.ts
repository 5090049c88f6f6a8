import { backPressurePromises } from "./back_pressure.ts";
import { commandPromises } from "./commands.ts";
import { contextPromises } from "./contexts.ts";
import { creditPromises } from "./credit.ts";
import { failurePromises } from "./failures.ts";
import type { Environment } from "./environment.ts";
import { handlePromises } from "./handles.ts";
import { heldUpPromises } from "./held_up.ts";
import { namePromises } from "./names.ts";
import { lifecyclePromises } from "./lifecycle.ts";
import { messageConnectionPromises } from "./message_connections.ts";
import { messagePromises } from "./messages.ts";
import { peerLoggingPromises } from "./peer_logging.ts";
import { scheduledCallPromises } from "./scheduled_calls.ts";
import { stayingPromises } from "./staying.ts";
import { clientConnectionPromises } from "./client_connections.ts";
import { requestingPromises } from "./requesting.ts";
import { servingEndPromises } from "./serving_ends.ts";
import { servingPromises } from "./serving.ts";
import { transferPromises } from "./transfer.ts";
import { turnPromises } from "./turns.ts";
import { webStreamPromises } from "./web_streams.ts";

/** Everything that the library promises on any adapter. */
export function conformance(environment: Environment): void {
  transferPromises(environment);
  backPressurePromises(environment);
  creditPromises(environment);
  lifecyclePromises(environment);
  messagePromises(environment);
  messageConnectionPromises(environment);
  webStreamPromises(environment);
  handlePromises(environment);
  commandPromises(environment);
  failurePromises(environment);
  namePromises(environment);
  stayingPromises(environment);
  peerLoggingPromises(environment);
  turnPromises(environment);
  scheduledCallPromises(environment);
  contextPromises(environment);
  heldUpPromises(environment);
  servingPromises(environment);
  servingEndPromises(environment);
  requestingPromises(environment);
  clientConnectionPromises(environment);
}
