/**
 * The Reactor pattern over TCP and Unix sockets, one code base for Deno, Bun
 * and Node.
 *
 * Write a {@linkcode Reactor} for the protocol of one connection, and pass it
 * to a {@linkcode ReactRuntime}, which runs it on the event loop of one thread.
 *
 * @module
 */

// Reactors and runtimes.

export { ReactRuntime } from "./src/runtime.ts";
export type {
  ProcessEventsOptions,
  RunOptions,
} from "./src/api/options/driving.ts";
export type {
  AcceptedConnection,
  DispatchContext,
  ListenerContext,
  OptionalHandler,
  Reactor,
  ReactorReadableContext,
  TcpListenerHandler,
} from "./src/api/reactor.ts";
export type { ConnectionHandle, ListenerHandle } from "./src/api/handles.ts";
export type {
  CommandStats,
  ConnectionStats,
  ConnectStats,
  ErrorCountsByClass,
  KeptConnectionStats,
  ListenerStats,
  RequestClientStats,
  RequestServerStats,
  RequestStats,
  RuntimeStats,
  ServiceMessageStats,
  StatsSource,
  ThreadsStats,
  ThreadStats,
  TrafficStats,
} from "./src/stats/stats.ts";
export type {
  ConnectionCloseMessage,
  ConnectionErrorMessage,
  ConnectionMessage,
  ConnectionOpenMessage,
  ConnectionPauseMessage,
  ConnectionResumeMessage,
  DiagnosticsMessages,
  ListenerDropMessage,
  SlowHandlerMessage,
} from "./src/stats/events.ts";
export {
  bucketEndMs,
  type HistogramStats,
  quantile,
} from "./src/stats/histogram.ts";
export {
  formatPrometheus,
  type PrometheusOptions,
} from "./src/stats/prometheus.ts";
export type { ScheduledCall } from "./src/api/scheduled_call.ts";
export type { DropCounts, DropReason } from "./src/api/drops.ts";
export {
  INVALID_REACTOR_ID,
  type ReactorID,
  type ReactorRef,
} from "./src/api/reactor_id.ts";
export type { ConnectionOptions } from "./src/api/options/connection.ts";
export type { ConnectOptions } from "./src/api/options/connect.ts";
export type { ListenOptions } from "./src/api/options/listen.ts";
export type { RuntimeOptions } from "./src/api/options/runtime.ts";
export type { StopOptions } from "./src/api/options/stop.ts";
export type {
  ProxyHeaderOptions,
  ProxyProtocolOptions,
} from "./src/api/options/proxy.ts";
export {
  runOnSignals,
  type RunOnSignalsOptions,
  type RunsOnSignals,
} from "./src/toolkit/run_on_signals.ts";
export {
  type InheritedSocket,
  inheritedSockets,
} from "./src/toolkit/inherited_sockets.ts";
export {
  DefaultTcpListenerHandler,
  type DefaultTcpListenerOptions,
  type NewServerReactor,
} from "./src/helpers/default_listener.ts";
export {
  type SimpleIoHandlers,
  SimpleIoListener,
  SimpleIoReactor,
  type SimpleIoReactorContext,
  SimpleIoRuntime,
  SimpleIoService,
} from "./src/helpers/simple.ts";

// TLS.

export type {
  StartTlsOptions,
  TlsConnectOptions,
  TlsListenOptions,
  TlsOptions,
} from "./src/api/options/tls.ts";
export type {
  ClientCertificate,
  TlsCredential,
  TlsFailureReason,
  TlsMaterial,
} from "./src/contract/tls.ts";
export type {
  PendingUpgrade,
  Upgrade,
  UpgradeEvents,
  UpgradeHost,
  UpgradeLimit,
} from "./src/contract/upgrade.ts";
export type {
  TlsCertificate,
  TlsInfo,
  TlsVersion,
} from "./src/contract/tls_info.ts";

// Clients that stay connected.

export {
  keepConnected,
  type KeepConnectedOptions,
} from "./src/toolkit/connecting/keep_connected.ts";
export type {
  KeepConnectedState,
  KeptConnection,
} from "./src/toolkit/connecting/kept_connection.ts";
export type { BackoffOptions } from "./src/toolkit/connecting/backoff.ts";

export { pipe, type PipeEnd } from "./src/toolkit/pipe.ts";
export { ReactorGroup } from "./src/toolkit/groups/reactor_group.ts";
export type { ReactorGroupOptions } from "./src/toolkit/groups/reactor_group_options.ts";

// Inspection.

export { inspect, type Inspector } from "./src/inspector/inspect.ts";
export type { InspectOptions } from "./src/inspector/options.ts";

// Reading and sending messages.

export {
  MessageResult,
  type MessageResults,
} from "./src/api/message_result.ts";
export type {
  InboundHandler,
  MessageDispatcher,
  MsgReader,
} from "./src/api/msg_reader.ts";
export type { MsgSender } from "./src/api/msg_sender.ts";
export {
  type PendingSend,
  type SendCompletion,
  SendOrQueueResult,
  type SendResult,
} from "./src/api/send_result.ts";
export type { AutoSendBuffer } from "./src/api/auto_send_buffer.ts";
export {
  type Address,
  type ConnectAddress,
  type FdAddress,
  type SocketAddress,
  type TcpAddress,
  type Transport,
  type UnixAddress,
  UNKNOWN_ADDRESS,
  type UnknownAddress,
} from "./src/contract/address.ts";
export type { TcpSocket } from "./src/api/tcp_socket.ts";
export type { KeepAliveOptions } from "./src/api/options/keep_alive.ts";
export type {
  ProxyHeader,
  ProxyInfo,
  ProxyTls,
  ProxyTlv,
} from "./src/contract/proxy.ts";
export {
  type AddressLike,
  type AddressOf,
  formatAddress,
  parseAddress,
} from "./src/api/address.ts";

// Codecs.

export type { Codec, Framing } from "./src/codec/codec.ts";
export type {
  PayloadCodec,
  PayloadEncoder,
  PayloadFraming,
} from "./src/codec/payload_codec.ts";
export {
  lengthPrefixed,
  type LengthPrefixedOptions,
} from "./src/codec/length_prefixed.ts";
export {
  varintPrefixed,
  type VarintPrefixedOptions,
} from "./src/codec/varint_prefixed.ts";
export { delimited, type DelimitedOptions } from "./src/codec/delimited.ts";
export { lines, type LinesOptions } from "./src/codec/lines.ts";
export { fixed } from "./src/codec/fixed.ts";
export { messageCodec, type MessageFormat } from "./src/codec/message_codec.ts";
export { BinaryReader } from "./src/codec/binary_reader.ts";
export {
  BinaryWriter,
  type BinaryWriterOptions,
} from "./src/codec/binary_writer.ts";
export {
  type CodecTestReport,
  testCodec,
  type TestCodecOptions,
} from "./src/testing/test_codec.ts";
export type { InvalidText } from "./src/codec/text.ts";
export { unframed } from "./src/codec/unframed.ts";
export type { ByteWriter } from "./src/api/byte_writer.ts";
export {
  type DecodedProxyHeader,
  decodeProxyHeader,
  encodeProxyHeader,
  PROXY_TLV,
} from "./src/codec/proxy/proxy_headers.ts";

// Connections that speak a codec.

export { framed } from "./src/toolkit/messages/framed.ts";
export { withRefusals } from "./src/toolkit/messages/with_refusals.ts";
export type { MessageHandlers } from "./src/toolkit/messages/message_handlers.ts";
export type { MessageContext } from "./src/toolkit/messages/message_context.ts";
export {
  connectMessages,
  type ConnectMessagesOptions,
} from "./src/toolkit/messages/connect_messages.ts";
export {
  acceptMessages,
  type ConnectionServer,
} from "./src/toolkit/messages/accept_messages.ts";
export type { ReceiveOptions } from "./src/toolkit/messages/receive_options.ts";
export type { MessageConnection } from "./src/toolkit/messages/message_connection.ts";
export {
  type MessageStreams,
  toByteStreams,
  toWebStreams,
} from "./src/toolkit/messages/web_streams.ts";

// Requests and answers.

export { type RequestServer, serve } from "./src/toolkit/requests/serve.ts";
export type { Requester } from "./src/toolkit/requests/requester.ts";
export type { ServeOptions } from "./src/toolkit/requests/serve_options.ts";
export type {
  RequestContext,
  RequestHandler,
  ServedPeer,
} from "./src/toolkit/requests/server/served_peer.ts";
export { RequestClient } from "./src/toolkit/requests/request_client.ts";
export type {
  CloseClientOptions,
  ConnectedClientOptions,
  RequestClientOptions,
  RequestOptions,
} from "./src/toolkit/requests/request_client_options.ts";
export {
  byProperty,
  type Correlation,
  type IdCorrelation,
  type IdRange,
  type MaybeWithId,
  type OwnIdCorrelation,
  type PropertyCorrelation,
  type SomeWithId,
} from "./src/toolkit/requests/correlation.ts";

// Commands.

export type { CmdSender } from "./src/api/reactor.ts";
export {
  type CloseCommandOptions,
  type CommandCompletion,
  type CommandFor,
  type CommandId,
  type CommandOptions,
  type CommandResult,
  type ConnectCommandOptions,
  INVALID_COMMAND_ID,
  type ListenCommandOptions,
  type OpenResult,
  type UserCommandResult,
} from "./src/api/command.ts";
export { Deferred, type DeferredKinds } from "./src/api/deferred.ts";

// Threads.

export { ThreadedReactorMgr } from "./src/threads/threaded_reactor_mgr.ts";
export type {
  ThreadedReactorOptions,
  WorkerExit,
} from "./src/threads/threaded_reactor_options.ts";
export {
  defineReactors,
  type ListenerFactory,
  type ReactorFactory,
  type ReactorModule,
  type ServiceFactory,
  type ServiceFunction,
} from "./src/threads/reactor_module.ts";
export type {
  AnswerOf,
  AnyFactory,
  Ask,
  AskAnything,
  AskServices,
  CommandOf,
  FactoryArguments,
  ListenersOf,
  ModuleShape,
  QuestionName,
  ReactorsOf,
  ReturnedBy,
  ServiceFunctionOf,
  ServicesOf,
  TakenBy,
  TakenByAny,
  Tell,
  TellAnything,
  TellServices,
} from "./src/threads/module_shape.ts";
export type { ThreadsStatsOptions } from "./src/threads/threads_stats.ts";
export { runReactors } from "./src/threads/run_reactors.ts";
export type {
  ReactorThread,
  ReactorThreads,
  ThreadCmdSender,
  UserCmdOptions,
} from "./src/threads/reactor_thread.ts";
export type { SharedListener } from "./src/threads/shared_listener.ts";
export type { ReactorUID } from "./src/threads/reactor_uid.ts";
export type { ThreadId } from "./src/threads/thread_id.ts";
export { transfer } from "./src/threads/transfer.ts";
export type { AskOptions } from "./src/threads/asking/ask_options.ts";
export {
  type TellOptions,
  TellResult,
} from "./src/threads/asking/tell_options.ts";
export type { Asker } from "./src/threads/asking/asker.ts";
export type { NamingOptions } from "./src/threads/names/naming.ts";

// Errors.

export * from "./src/api/errors.ts";

// Tools.

export { setLogLevel } from "./src/api/log_level.ts";
export {
  canLog,
  consoleSink,
  logDebug,
  logError,
  logInfo,
  LogLevel,
  type LogRecord,
  type LogSink,
  logTrace,
  logWarn,
  setLogSink,
} from "./src/util/log.ts";
export {
  type RecordingSink,
  type RecordOptions,
  recordTo,
} from "./src/recording/recorder.ts";
export { recordBy } from "./src/recording/record_by.ts";
export { recordToFile } from "./src/recording/recording_file.ts";
export {
  type ConnectionRecording,
  readRecording,
  type RecordedEvent,
  type RecordingEnding,
} from "./src/recording/recording.ts";
export type {
  RecordedConnection,
  Recorder,
  RecorderHost,
  Tap,
  Tappable,
} from "./src/api/recorder.ts";
export { FlatStorage } from "./src/util/flat_storage.ts";
export { Timer } from "./src/util/timer.ts";

// Simulation.

export { SimRandom } from "./src/sim/random.ts";
export {
  simulate,
  type SimulateOptions,
  type SimulationReport,
} from "./src/sim/simulate.ts";
export type { Scenario, Simulation } from "./src/sim/simulation.ts";
export type { Replay, ReplayOptions } from "./src/sim/replay.ts";
export { type SimHostLike, SimNetwork } from "./src/sim/network.ts";
export type {
  PartitionOptions,
  SimHostOptions,
  SimNameOptions,
} from "./src/sim/network_options.ts";
export type { SimNetworkOptions, WriteOwnership } from "./src/sim/options.ts";
export type { SimHost, SimHostCounts } from "./src/sim/sim_host.ts";
export type { FaultKind, FaultRates } from "./src/sim/faults.ts";
export type { FaultProfile } from "./src/sim/profile.ts";
export type { LinkSettings } from "./src/sim/path.ts";
export type { UntilOptions } from "./src/sim/waits.ts";

// Adapters, for other runtimes and transports.

export { hostAdapter } from "./src/adapters/host.ts";
export { bunAdapter } from "./src/adapters/bun.ts";
export { denoAdapter } from "./src/adapters/deno.ts";
export { nodeAdapter } from "./src/adapters/node.ts";
export type { Adapter } from "./src/contract/adapter.ts";
export type { UnixPathKind } from "./src/util/unix_paths.ts";
export {
  type Clock,
  LONGEST_DELAY_MS,
  type TimerHandle,
} from "./src/contract/clock.ts";
export type {
  AdapterConnectOptions,
  ConnectEvents,
  PendingConnect,
} from "./src/contract/connect.ts";
export type { DiagnosticsChannel } from "./src/contract/diagnostics.ts";
export { type FailureKind, SocketFailure } from "./src/contract/failure.ts";
export type {
  AdapterListenOptions,
  Listener,
  ListenerEvents,
} from "./src/contract/listener.ts";
export type { ResolveEvents } from "./src/contract/resolve.ts";
export type { ProcessEnvironment } from "./src/contract/environment.ts";
export type { ProcessSignals } from "./src/contract/signals.ts";
export {
  BORROWED,
  type KeepAliveTimes,
  type Socket,
  type SocketEvents,
  type SocketOptions,
} from "./src/contract/socket.ts";
export type {
  HandshakeEvents,
  HandshakeFailure,
  PendingHandshake,
  Tls,
  TlsClientSettings,
  TlsContext,
  TlsServerSettings,
  TlsSettings,
} from "./src/contract/tls.ts";
