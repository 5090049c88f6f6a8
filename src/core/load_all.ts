import * as nameRace from "./address_race.ts";
import * as admissionLimits from "./admission_limits.ts";
import {
  ADMISSION_LIMITS,
  NAME_RACE,
  PROXY_PROTOCOL,
  TLS_ENDS,
  UPGRADE_ENDS,
} from "./on_demand.ts";
import * as proxyProtocol from "./proxy_protocol.ts";
import * as tlsEnds from "./tls_ends.ts";
import * as upgradeEnds from "./upgrade_end.ts";

/**
 * Loads everything that is otherwise loaded on demand, because simulated time
 * does not pass during a load.
 */
export function loadAll(): void {
  ADMISSION_LIMITS.provide(admissionLimits);
  NAME_RACE.provide(nameRace);
  PROXY_PROTOCOL.provide(proxyProtocol);
  TLS_ENDS.provide(tlsEnds);
  UPGRADE_ENDS.provide(upgradeEnds);
}
