import type { Fault, FaultKind } from "./faults.ts";
import { textOfTime } from "./trace.ts";

const EFFECTS: Readonly<Record<FaultKind, (fault: Fault) => string>> = {
  shortReads: ({ amount }) => `reads no more than ${amount} bytes`,
  shortWrites: ({ amount }) => `writes no more than ${amount} bytes`,
  refusedWrites: ({ amount }) => `cannot write for ${durationText(amount)}`,
  spuriousWritable: () => "is told without cause that it can write",
  lostPackets: ({ amount }) => `a packet comes ${durationText(amount)} late`,
  partitions: ({ amount }) => `cut for ${durationText(amount)}`,
  resets: () => "connection reset",
  lostOnReset: () => "what was not read is lost with a reset",
  withheldResets: () => "does not hear of a reset yet",
  failedConnects: ({ choice }) => `connect fails: ${choice}`,
  failedAccepts: ({ choice }) => `accept fails: ${choice}`,
  failedHandshakes: ({ choice }) => `TLS handshake fails: ${choice}`,
  stuckHandshakes: () => "goes silent in a TLS handshake",
  truncatedEnds: () => "ends a connection without close_notify",
  lateTimers: ({ amount }) => `a timer fires ${durationText(amount)} late`,
  pauses: ({ amount }) => `stands still for ${durationText(amount)}`,
  clockJumps: ({ amount }) => `wall clock jumps by ${amount / 1000} s`,
};

/** All kinds of faults. */
export const FAULT_KINDS: readonly string[] = Object.keys(EFFECTS);

/** When `fault` struck, on which hosts, and what it did. */
export function describeFault(fault: Fault): string {
  const { kind, time, hosts } = fault;
  return `${textOfTime(time)} ${hosts} ${EFFECTS[kind](fault)}`;
}

function durationText(micros: number): string {
  if (micros >= 1_000_000) return `${(micros / 1_000_000).toFixed(1)} s`;
  return `${(micros / 1000).toFixed(micros < 10_000 ? 3 : 0)} ms`;
}
