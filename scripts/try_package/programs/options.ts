// What may be left out may be undefined: this is compiled with
// exactOptionalPropertyTypes, and not run.

import type {
  AcceptedConnection,
  CloseCommandOptions,
  ConnectCommandOptions,
  DefaultTcpListenerOptions,
  FaultRates,
  ListenCommandOptions,
  PartitionOptions,
  ProcessEventsOptions,
  Reactor,
  ReactorModule,
  RunOptions,
  RuntimeOptions,
  SimHostOptions,
  SimNetworkOptions,
  SimpleIoHandlers,
  SimulateOptions,
  StopOptions,
  TcpListenerHandler,
  ThreadedReactorOptions,
  UntilOptions,
} from "@reactio/reactio";

/** `T`, with `undefined` for all that may be left out. */
type Undefined<T> = {
  [Name in keyof T]: Record<never, never> extends Pick<T, Name> ? undefined
    : T[Name];
};

/** Those that do. */
type Accept<T extends readonly unknown[]> = {
  [Index in keyof T]: Undefined<T[Index]> extends T[Index] ? T[Index] : never;
};

/** Those that are to. */
type All = [
  CloseCommandOptions,
  ConnectCommandOptions,
  DefaultTcpListenerOptions<string>,
  FaultRates,
  ListenCommandOptions,
  AcceptedConnection,
  PartitionOptions,
  ProcessEventsOptions,
  Reactor,
  ReactorModule,
  RunOptions,
  RuntimeOptions,
  SimHostOptions,
  SimNetworkOptions,
  SimpleIoHandlers<string>,
  SimulateOptions,
  StopOptions,
  TcpListenerHandler,
  ThreadedReactorOptions,
  UntilOptions,
];

/** Does not compile unless all do. */
export const accept = (all: All): Accept<All> => all;
