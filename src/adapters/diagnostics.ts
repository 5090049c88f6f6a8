import type { DiagnosticsChannel } from "../contract/diagnostics.ts";
import { findModule } from "./host_modules.ts";

/** What is used of `node:diagnostics_channel`. */
interface Channels {
  channel(name: string): DiagnosticsChannel;
}

/** Of a host that has none. */
const UNHEARD: DiagnosticsChannel = { hasSubscribers: false, publish() {} };

/** The channel `name` of the runtime that this runs on. */
export function hostChannel(name: string): DiagnosticsChannel {
  const channels = findModule<Channels>("node:diagnostics_channel");
  return channels?.channel(name) ?? UNHEARD;
}
