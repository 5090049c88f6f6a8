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

/** Loads at once everything that is loaded on demand: simulated time does not pass while something is loaded. */
export function loadAll(): void {
  ADMISSION_LIMITS.provide(admissionLimits);
  NAME_RACE.provide(nameRace);
  PROXY_PROTOCOL.provide(proxyProtocol);
  TLS_ENDS.provide(tlsEnds);
  UPGRADE_ENDS.provide(upgradeEnds);
}
