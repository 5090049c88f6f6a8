// Every optional property may be undefined. This is compiled with
// exactOptionalPropertyTypes, but never run.

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

/** `T` with `undefined` for every optional property. */
type Undefined<T> = {
  [Name in keyof T]: Record<never, never> extends Pick<T, Name> ? undefined
    : T[Name];
};

/** The types that accept that. */
type Accept<T extends readonly unknown[]> = {
  [Index in keyof T]: Undefined<T[Index]> extends T[Index] ? T[Index] : never;
};

/** The types that should. */
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

/** Compiles only if all do. */
export const accept = (all: All): Accept<All> => all;
