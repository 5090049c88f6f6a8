import type { DiagnosticsChannel } from "../contract/diagnostics.ts";

interface Host {
  readonly process?: {
    getBuiltinModule?(
      name: "node:diagnostics_channel",
    ): { channel(name: string): DiagnosticsChannel };
  };
}

const host = globalThis as unknown as Host;

/** Of a host that has none. */
const UNHEARD: DiagnosticsChannel = { hasSubscribers: false, publish() {} };

/** The channel `name` of the runtime that this runs on. */
export function hostChannel(name: string): DiagnosticsChannel {
  const channels = host.process?.getBuiltinModule?.("node:diagnostics_channel");
  return channels?.channel(name) ?? UNHEARD;
}
