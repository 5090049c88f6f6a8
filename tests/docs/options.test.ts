import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import {
  InvalidOptionError,
  ReactRuntime,
  SimNetwork,
  simulate,
} from "../../mod.ts";
import { KEEP_ALIVE_OPTIONS } from "../../src/api/options/keep_alive.ts";
import type { OptionRule } from "../../src/api/options/rules.ts";
import { CONNECT_OPTIONS } from "../../src/api/options/connect.ts";
import {
  CONNECTION_OPTIONS,
  connectionSettings,
} from "../../src/api/options/connection.ts";
import { LISTEN_OPTIONS } from "../../src/api/options/listen.ts";
import { RUNTIME_OPTIONS } from "../../src/api/options/runtime.ts";
import { STOP_OPTIONS } from "../../src/api/options/stop.ts";
import {
  TLS_CONNECT_OPTIONS,
  TLS_LISTEN_OPTIONS,
  TLS_OPTIONS,
} from "../../src/api/options/tls.ts";
import {
  PROXY_HEADER_OPTIONS,
  PROXY_PROTOCOL_OPTIONS,
} from "../../src/api/options/proxy.ts";
import { BINARY_WRITER_OPTIONS } from "../../src/codec/binary_writer.ts";
import { DELIMITED_OPTIONS } from "../../src/codec/delimited.ts";
import { LENGTH_PREFIXED_OPTIONS } from "../../src/codec/length_prefixed.ts";
import { LINES_OPTIONS } from "../../src/codec/lines.ts";
import { VARINT_PREFIXED_OPTIONS } from "../../src/codec/varint_prefixed.ts";
import {
  CLOSE_CLIENT_OPTIONS,
  REQUEST_CLIENT_OPTIONS,
  REQUEST_OPTIONS,
} from "../../src/toolkit/requests/request_client_options.ts";
import { SERVE_OPTIONS } from "../../src/toolkit/requests/serve_options.ts";
import { PROCESS_EVENTS_OPTIONS } from "../../src/api/options/driving.ts";
import {
  PARTITION_OPTIONS,
  SIM_HOST_OPTIONS,
  SIM_NAME_OPTIONS,
} from "../../src/sim/network_options.ts";
import {
  FAULT_RATES,
  LINK_SETTINGS,
  networkSettings,
  SIM_NETWORK_OPTIONS,
} from "../../src/sim/options.ts";
import { TEST_CODEC_OPTIONS } from "../../src/testing/test_codec.ts";
import {
  BACKOFF_OPTIONS,
  backoffSettings,
} from "../../src/toolkit/connecting/backoff.ts";
import { KEEP_CONNECTED_OPTIONS } from "../../src/toolkit/connecting/keep_connected.ts";
import { SIMULATE_OPTIONS } from "../../src/sim/simulate.ts";
import { RECORD_OPTIONS } from "../../src/recording/recorder.ts";
import { REPLAY_OPTIONS } from "../../src/sim/replay.ts";
import { UNTIL_OPTIONS } from "../../src/sim/waits.ts";
import { ASK_OPTIONS } from "../../src/threads/asking/ask_options.ts";
import { CONNECT_MESSAGES_OPTIONS } from "../../src/toolkit/messages/connect_messages.ts";
import { RECEIVE_OPTIONS } from "../../src/toolkit/messages/receive_options.ts";
import { INSPECT_OPTIONS } from "../../src/inspector/options.ts";
import { RUN_ON_SIGNALS_OPTIONS } from "../../src/toolkit/run_on_signals.ts";
import { REACTOR_GROUP_OPTIONS } from "../../src/toolkit/groups/reactor_group_options.ts";
import { PROMETHEUS_OPTIONS } from "../../src/stats/prometheus.ts";
import { THREADS_STATS_OPTIONS } from "../../src/threads/threads_stats.ts";
import { NAMING_OPTIONS } from "../../src/threads/names/naming.ts";
import {
  THREADED_REACTOR_OPTIONS,
  threadedReactorSettings,
} from "../../src/threads/threaded_reactor_options.ts";
import {
  clientSettings,
  serverSettings,
} from "../../src/entries/websocket/options.ts";
import { entryText, list, quoted, read, tableUnder } from "./project.ts";

const DOCUMENT = "docs/options.md";

/** An option as the document or the source has it. */
interface Option {
  readonly name: string;
  readonly default: string;
  readonly range: string;
}

/** The options of the interfaces that are public, by the name of the interface. */
function optionsInSources(): Map<string, string[]> {
  const names = entryText();
  const found = new Map<string, string[]>();
  for (const path of list("src/", ".ts")) {
    if (path.startsWith("src/contract/")) continue; // not for users of the library
    const interfaces =
      /^export interface (\w*Options|LinkSettings|FaultRates)\b[^{]*\{$([^]*?)^\}$/gm;
    for (const [, type, body] of read(path).matchAll(interfaces)) {
      if (!new RegExp(`\\b${type}\\b`).test(names)) continue;
      const members = body.matchAll(/^ {2}readonly (\w+)\??:/gm);
      found.set(type, Array.from(members, ([, name]) => name));
    }
    for (
      const [, type] of read(path).matchAll(
        /^export interface (\w*Options)\b[^{]*\{\}$/gm,
      )
    ) {
      found.set(type, []);
    }
  }
  return found;
}

/** The options of the document, by the interface that the heading names. */
function optionsInDocument(): Map<string, Option[]> {
  const found = new Map<string, Option[]>();
  for (const [heading, type] of read(DOCUMENT).matchAll(/^### `(\w+)`$/gm)) {
    const rows = tableUnder(DOCUMENT, heading);
    found.set(
      type,
      rows.map(([name, value, range]) => ({
        name: quoted(name)[0],
        default: quoted(value)[0] ?? value,
        range,
      })),
    );
  }
  return found;
}

const documented = optionsInDocument();

test("the document has the options of the sources, no more and no less", () => {
  const inSources = optionsInSources();
  assert.ok(inSources.size > 15);
  const inDocument = new Map(Array.from(
    documented,
    ([type, options]) => [type, options.map(({ name }) => name)],
  ));
  assert.deepEqual(
    {
      [`missing in ${DOCUMENT}`]: lackingIn(inDocument, inSources),
      [`in ${DOCUMENT} alone`]: lackingIn(inSources, inDocument),
    },
    { [`missing in ${DOCUMENT}`]: [], [`in ${DOCUMENT} alone`]: [] },
  );
});

type Names = ReadonlyMap<string, readonly string[]>;

/** What `all` has that `some` has not: interfaces, and options of those that both have. */
function lackingIn(some: Names, all: Names): string[] {
  return Array.from(all, ([type, names]) => {
    const known = some.get(type);
    return known === undefined
      ? [type]
      : names.filter((name) => !known.includes(name))
        .map((name) => `${type}.${name}`);
  }).flat();
}

type Options = Readonly<Record<string, unknown>>;
type Filled = (options: Options) => object | Promise<unknown>;

const THREADS = { threads: 1, module: "file:///reactors.ts" };

/** What fills options up, or else takes them: it throws or rejects if one is bad. */
const USERS: Readonly<Record<string, Filled>> = {
  ConnectionOptions: (it) => connectionSettings(it),
  ConnectOptions: (it) => CONNECT_OPTIONS.fill(it),
  KeepConnectedOptions: (it) => KEEP_CONNECTED_OPTIONS.fill(it),
  BackoffOptions: (it) => backoffSettings(it),
  ListenOptions: (it) => LISTEN_OPTIONS.fill(it),
  KeepAliveOptions: (it) => KEEP_ALIVE_OPTIONS.fill(it),
  TlsOptions: (it) => TLS_OPTIONS.fill(it),
  TlsListenOptions: (it) => TLS_LISTEN_OPTIONS.fill(it),
  TlsConnectOptions: (it) => TLS_CONNECT_OPTIONS.fill(it),
  WebSocketOptions: (it) => clientSettings(it),
  WebSocketServerOptions: (it) => serverSettings(it),
  WebSocketClientOptions: (it) => clientSettings(it),
  ProxyProtocolOptions: (it) => PROXY_PROTOCOL_OPTIONS.fill(it as never),
  ProxyHeaderOptions: (it) => PROXY_HEADER_OPTIONS.fill(it as never),
  LengthPrefixedOptions: (it) => LENGTH_PREFIXED_OPTIONS.fill(it),
  VarintPrefixedOptions: (it) => VARINT_PREFIXED_OPTIONS.fill(it),
  DelimitedOptions: (it) => DELIMITED_OPTIONS.fill(it),
  LinesOptions: (it) => LINES_OPTIONS.fill(it),
  TestCodecOptions: (it) => TEST_CODEC_OPTIONS.fill(it),
  BinaryWriterOptions: (it) => BINARY_WRITER_OPTIONS.fill(it),
  AskOptions: (it) => ASK_OPTIONS.fill(it),
  PrometheusOptions: (it) => PROMETHEUS_OPTIONS.fill(it),
  ThreadsStatsOptions: (it) => THREADS_STATS_OPTIONS.fill(it),
  ThreadedReactorOptions: (it) =>
    threadedReactorSettings({ ...THREADS, ...it }),
  RuntimeOptions: (it) => RUNTIME_OPTIONS.fill(it),
  ReactorGroupOptions: (it) => REACTOR_GROUP_OPTIONS.fill(it),
  SimNetworkOptions: networkSettings,
  LinkSettings: (it) => networkSettings(it).link,
  FaultRates: (it) => networkSettings({ faults: it }),
  ProcessEventsOptions: (it) => simulated().processEvents(it),
  StopOptions: (it) => simulated().stop(it),
  SimulateOptions: (it) => simulate({ seeds: 1, ...it }, () => {}),
  UntilOptions: (it) => new SimNetwork().until(() => false, it),
};

function simulated(): ReactRuntime {
  return new ReactRuntime({ adapter: new SimNetwork().host("any").adapter });
}

/** The members of an interface that may be left out: the name, and the type as the source has it. */
function optionalMembers(body: string): [name: string, type: string][] {
  const members = body.replace(/\/\*[^]*?\*\//g, "").matchAll(
    /^ {2}(?:readonly )?(\w+)\?([^]*?);$(?=\s*(?:^ {2}\w|(?![^])))/gm,
  );
  return Array.from(members, ([, name, type]) => [name, type]);
}

/** The interfaces of options and of handlers, which users write. */
const WRITTEN_BY_USERS =
  /^export interface (\w*Options|LinkSettings|FaultRates|Reactor|TcpListenerHandler|SimpleIoHandlers|ReactorModule|AcceptedConnection)\b[^{]*\{$([^]*?)^\}$/gm;

test("what may be left out may be undefined, also to users who compile with exactOptionalPropertyTypes", () => {
  const names = entryText();
  let count = 0;
  for (const path of list("src/", ".ts")) {
    for (const [, type, body] of read(path).matchAll(WRITTEN_BY_USERS)) {
      if (!new RegExp(`\\b${type}\\b`).test(names)) continue;
      for (const [name, text] of optionalMembers(body)) {
        count++;
        assert.match(
          text,
          /\| undefined$|^: OptionalHandler</,
          `${type}.${name}`,
        );
      }
    }
  }
  assert.ok(count > 60, `${count} members`);
});

for (const [type, options] of documented) {
  const use = USERS[type];
  // These wait.
  if (["ProcessEventsOptions", "UntilOptions"].includes(type)) continue;
  if (use === undefined) continue;
  test(`${type}: an option that is undefined is as one that is left out`, async () => {
    const names = options.map(({ name }) => name)
      .filter((name) => !(name in THREADS) && name !== "seeds");
    const given = Object.fromEntries(names.map((name) => [name, undefined]));
    const filledUp = JSON.stringify(await use(given));
    assert.equal(filledUp, JSON.stringify(await use({})));
  });
}

async function refuses(take: () => unknown): Promise<boolean> {
  try {
    await take();
    return false;
  } catch (error) {
    return error instanceof InvalidOptionError;
  }
}

/** Reads `2^31 - 1`. */
function numberOf(text: string): number {
  const [power, less = "0"] = text.split(" - ");
  const [base, exponent = "1"] = power.split("^");
  return Number(base) ** Number(exponent) - Number(less);
}

for (const [type, options] of documented) {
  const use = USERS[type];
  if (use === undefined) continue;
  describe(`${type} in the document are those of the code`, () => {
    for (const { name, range } of options) {
      const [, least, most] = /^(\S+) to ([^`]+)$/.exec(range) ?? [];
      if (most === undefined) continue;
      it(`${name} is within ${range}`, async () => {
        const min = numberOf(least);
        const max = numberOf(most);
        const refusesValue = (value: number) =>
          refuses(() => use({ [name]: value }));
        assert.equal(await refusesValue(min - 1), true);
        assert.equal(await refusesValue(max + 1), max !== Infinity);
        if (type === "UntilOptions") return; // waits
        assert.equal(await refusesValue(min), false);
        assert.equal(await refusesValue(max), false);
      });
    }
  });
}

interface Table {
  readonly rules: Readonly<Record<string, OptionRule<unknown>>>;
  readonly defaults: Options;
}

/** The tables of the code. */
const TABLES = {
  ConnectionOptions: CONNECTION_OPTIONS,
  ConnectOptions: CONNECT_OPTIONS,
  KeepConnectedOptions: KEEP_CONNECTED_OPTIONS,
  BackoffOptions: BACKOFF_OPTIONS,
  ListenOptions: LISTEN_OPTIONS,
  KeepAliveOptions: KEEP_ALIVE_OPTIONS,
  TlsOptions: TLS_OPTIONS,
  TlsListenOptions: TLS_LISTEN_OPTIONS,
  TlsConnectOptions: TLS_CONNECT_OPTIONS,
  ProxyProtocolOptions: PROXY_PROTOCOL_OPTIONS,
  ProxyHeaderOptions: PROXY_HEADER_OPTIONS,
  LengthPrefixedOptions: LENGTH_PREFIXED_OPTIONS,
  VarintPrefixedOptions: VARINT_PREFIXED_OPTIONS,
  DelimitedOptions: DELIMITED_OPTIONS,
  LinesOptions: LINES_OPTIONS,
  TestCodecOptions: TEST_CODEC_OPTIONS,
  BinaryWriterOptions: BINARY_WRITER_OPTIONS,
  ProcessEventsOptions: PROCESS_EVENTS_OPTIONS,
  StopOptions: STOP_OPTIONS,
  ServeOptions: SERVE_OPTIONS,
  RequestClientOptions: REQUEST_CLIENT_OPTIONS,
  RequestOptions: REQUEST_OPTIONS,
  ConnectMessagesOptions: CONNECT_MESSAGES_OPTIONS,
  ReceiveOptions: RECEIVE_OPTIONS,
  CloseClientOptions: CLOSE_CLIENT_OPTIONS,
  RuntimeOptions: RUNTIME_OPTIONS,
  ReactorGroupOptions: REACTOR_GROUP_OPTIONS,
  ThreadedReactorOptions: THREADED_REACTOR_OPTIONS,
  AskOptions: ASK_OPTIONS,
  NamingOptions: NAMING_OPTIONS,
  ThreadsStatsOptions: THREADS_STATS_OPTIONS,
  PrometheusOptions: PROMETHEUS_OPTIONS,
  SimulateOptions: SIMULATE_OPTIONS,
  SimNetworkOptions: SIM_NETWORK_OPTIONS,
  SimHostOptions: SIM_HOST_OPTIONS,
  SimNameOptions: SIM_NAME_OPTIONS,
  PartitionOptions: PARTITION_OPTIONS,
  LinkSettings: LINK_SETTINGS,
  FaultRates: FAULT_RATES,
  UntilOptions: UNTIL_OPTIONS,
  RecordOptions: RECORD_OPTIONS,
  ReplayOptions: REPLAY_OPTIONS,
  RunOnSignalsOptions: RUN_ON_SIGNALS_OPTIONS,
  InspectOptions: INSPECT_OPTIONS,
} as unknown as Readonly<Record<string, Table>>;

/** What a range, or one of a few words, must be. */
const RANGE = /^an? (?:integer|number) from (\S+) to (\S+)$/;
const CHOICE = /^[\w.]+(?: or [\w.]+)+$/;

/** What the document says that an option must be, as its rule says it. */
function documentedRange(range: string): unknown[] {
  const [least, most] = range.split(" to ");
  if (most === undefined) {
    return quoted(range).map((value) => JSON.parse(value));
  }
  // The low-water mark is bounded by the other.
  return [least, most].map((text) =>
    /^`(\w+)`$/.test(text) ? numberOf("2^30") : numberOf(text)
  );
}

for (const [type, table] of Object.entries(TABLES)) {
  describe(`${type} of the document are as the table of the code says`, () => {
    const options = documented.get(type) ?? [];
    for (
      const [name, { must, default: byDefault }] of Object.entries(table.rules)
    ) {
      it(name, () => {
        const option = options.find((one) => one.name === name);
        assert.ok(
          option !== undefined,
          `${DOCUMENT} has no ${name} under ${type}`,
        );
        const [, min, max] = RANGE.exec(must) ?? [];
        const isChoice = CHOICE.test(must);
        if (max !== undefined) {
          const range = [Number(min), Number(max)];
          assert.deepEqual(
            documentedRange(option.range),
            range,
            `${DOCUMENT} says ${option.range}, the table of the code ${must}`,
          );
        } else if (isChoice) {
          assert.equal(documentedRange(option.range).join(" or "), must);
        }
        if (!/^("|-?\d|true|false|Infinity)/.test(option.default)) {
          const isOther = max === undefined && !isChoice;
          return assert.ok(isOther || byDefault === undefined, option.default);
        }
        const value = option.default === "Infinity"
          ? Infinity
          : JSON.parse(option.default);
        assert.equal(
          value,
          table.defaults[name],
          `${DOCUMENT} says ${value}, the table of the code ${
            table.defaults[name]
          }`,
        );
      });
    }
  });
}

/** The comment of an option in the sources. */
function commentOf(type: string, name: string): string {
  for (const path of list("src/", ".ts")) {
    const source = read(path);
    const start = source.search(
      new RegExp(`^export interface ${type}\\b`, "m"),
    );
    if (start < 0 || path.startsWith("src/contract/")) continue;
    const [before] = source.slice(start).split(`readonly ${name}`);
    return before.slice(before.lastIndexOf("/**")).replace(/\s*\*\s*/g, " ");
  }
  throw new Error(`no ${name} in ${type}`);
}

/** `1024`, `16 MiB`, `Infinity` or `"close"` as a value. */
function valueOf(text: string): unknown {
  if (text === "Infinity") return Infinity;
  const [, count, unit] = /^(\d+) ([KMG])iB$/.exec(text) ?? [];
  if (unit === undefined) return JSON.parse(text);
  return Number(count) * 1024 ** (1 + "KMG".indexOf(unit));
}

/** Their defaults are told where they are used, or not by a value. */
const TOLD_ELSEWHERE = [
  "ConnectionOptions.sendLowWaterMark",
  "UntilOptions.what",
  "SimulateOptions.replay",
];

/** The default that the comment of an option tells. */
function toldDefault(type: string, name: string): unknown {
  const [, told] =
    /[Dd]efault `?(\d+(?:\.\d+)?(?: [KMG]iB)?|Infinity|"[^"]+"|true|false)(?!\w)/
      .exec(
        commentOf(type, name),
      ) ?? [];
  return told === undefined ? undefined : valueOf(told);
}

for (const [type, { defaults }] of Object.entries(TABLES)) {
  if (type === "LinkSettings" || type === "FaultRates") continue;
  test(`the comments of ${type} tell the defaults of the code`, () => {
    for (const [name, value] of Object.entries(defaults)) {
      if (TOLD_ELSEWHERE.includes(`${type}.${name}`)) continue;
      const isPlain = value !== undefined && typeof value !== "object" &&
        typeof value !== "function";
      const told = toldDefault(type, name);
      if (isPlain) {
        assert.equal(
          told,
          value,
          `the default of ${name} is ${value}, and ${told} in its comment`,
        );
      }
    }
  });
}

for (const [type, options] of documented) {
  if (type in TABLES) continue;
  for (const option of options) {
    if (!/^("|-?\d|true|false|Infinity)/.test(option.default)) continue;
    test(`the comment of ${type}.${option.name} tells the default of the document`, () =>
      assert.equal(
        toldDefault(type, option.name),
        JSON.parse(option.default),
      ));
  }
}
