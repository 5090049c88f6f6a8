import type { SimulateOptions } from "../../mod.ts";

/** The actions of an end or its node, at any moment. */
export type ActionName =
  | "send"
  | "burst"
  | "close"
  | "abort"
  | "pause"
  | "resume"
  | "command"
  | "cancel"
  | "sendClose"
  | "connect"
  | "listener"
  | "stop";

/** Faults of hosts and links, in addition to the random ones of the network. */
export type FaultName =
  | "partition"
  | "heal"
  | "reset"
  | "crash"
  | "failAccepts"
  | "failConnects"
  | "freeze"
  | "jump"
  | "link";

/** How the cluster is disrupted. */
export interface ChaosProfile {
  /** The weight of each action. */
  readonly actions: Partial<Record<ActionName, number>>;
  /** The weight of each fault. */
  readonly faults: Partial<Record<FaultName, number>>;
  /** The probability that a handler acts. */
  readonly activity: number;
  /** The probability that a handler throws. */
  readonly throwing: number;
  /**
   * True for small limits on time, queues and messages; exceeding them ends
   * connections.
   */
  readonly isTight: boolean;
}

/** A kind of run: the network, how much is sent, and how it is disrupted. */
export interface Workload {
  /** The promise that it tests, used as the name of the test. */
  readonly name: string;
  readonly network: SimulateOptions;
  readonly profile: ChaosProfile;
  /** The size of the smallest buffer of a connection, in bytes; other sizes are chosen around it. */
  readonly window: number;
  /** The most bytes that an end sends. */
  readonly bytes: number;
  /** The most actions of a run. */
  readonly actions: number;
  /** True if nothing delays timers. */
  readonly isPunctual: boolean;
  /** How many of 100 seeds run it. */
  readonly share: number;
}

const TRAFFIC = { send: 8, burst: 3, pause: 2, resume: 2 };
const COMMANDS = { command: 3, cancel: 1 };

const PEACEFUL: ChaosProfile = {
  actions: { ...TRAFFIC, ...COMMANDS, connect: 1 },
  faults: { partition: 1, heal: 2, freeze: 1, jump: 1, link: 1 },
  activity: 0.3,
  throwing: 0,
  isTight: false,
};

const WILD: ChaosProfile = {
  actions: {
    ...TRAFFIC,
    ...COMMANDS,
    close: 1,
    abort: 1,
    sendClose: 1,
    connect: 2,
    listener: 1,
  },
  faults: {
    partition: 1,
    heal: 2,
    reset: 1,
    failAccepts: 1,
    failConnects: 1,
    freeze: 1,
    jump: 1,
    link: 1,
  },
  activity: 0.3,
  throwing: 0.01,
  isTight: true,
};

const BUSY: ChaosProfile = {
  ...WILD,
  actions: {
    ...COMMANDS,
    command: 12,
    cancel: 4,
    send: 2,
    close: 1,
    sendClose: 2,
    connect: 2,
    listener: 1,
  },
  faults: { jump: 1 },
  activity: 0.5,
};

const DEADLY: ChaosProfile = {
  ...WILD,
  actions: { ...WILD.actions, stop: 0.5 },
  faults: { ...WILD.faults, crash: 3, partition: 2 },
};

function buffers(send: number, receive: number): SimulateOptions {
  return { sendBufferBytes: send, receiveBufferBytes: receive };
}

/** All workloads. */
export const WORKLOADS: readonly Workload[] = [
  {
    name: "everything arrives if nobody cuts the connection",
    network: { faults: "gentle", ...buffers(1024, 4093) },
    profile: PEACEFUL,
    window: 1024,
    bytes: 12_000,
    actions: 32,
    isPunctual: false,
    share: 15,
  },
  {
    name: "nothing is lost across buffers of a few bytes",
    network: { faults: "random", ...buffers(61, 7) },
    profile: WILD,
    window: 7,
    bytes: 250,
    actions: 32,
    isPunctual: false,
    share: 15,
  },
  {
    name: "nothing is lost across small buffers",
    network: { faults: "random", ...buffers(251, 1024) },
    profile: WILD,
    window: 251,
    bytes: 6000,
    actions: 32,
    isPunctual: false,
    share: 20,
  },
  {
    name: "nothing is lost across large buffers",
    network: { faults: "random", ...buffers(65536, 65536) },
    profile: WILD,
    window: 16384,
    bytes: 200_000,
    actions: 32,
    isPunctual: false,
    share: 10,
  },
  {
    name: "commands are executed once, in order and in time",
    network: { faults: { clockJumps: 0.1, resets: 0.001 } },
    profile: BUSY,
    window: 4096,
    bytes: 2000,
    actions: 50,
    isPunctual: true,
    share: 20,
  },
  {
    name: "crashes, partitions and stops leave nothing behind",
    network: { faults: "random", ...buffers(4093, 1024) },
    profile: DEADLY,
    window: 1024,
    bytes: 8000,
    actions: 32,
    isPunctual: false,
    share: 20,
  },
];
