import type { DiagnosticsChannel } from "../contract/diagnostics.ts";
import { findModule } from "./host_modules.ts";

/** The part of `node:diagnostics_channel` that is used. */
interface Channels {
  channel(name: string): DiagnosticsChannel;
}

/** For a runtime without diagnostics channels. */
const NO_CHANNEL: DiagnosticsChannel = { hasSubscribers: false, publish() {} };

/** The diagnostics channel `name` of this runtime. */
export function hostChannel(name: string): DiagnosticsChannel {
  const channels = findModule<Channels>("node:diagnostics_channel");
  return channels?.channel(name) ?? NO_CHANNEL;
}
