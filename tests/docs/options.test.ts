import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import {
  InvalidOptionError,
  ReactRuntime,
  SimNetwork,
  simulate,
} from "../../mod.ts";
import { connectionSettings } from "../../src/api/options/connection.ts";
import { OptionTable } from "../../src/api/options/rules.ts";
import {
  clientSettings,
  serverSettings,
} from "../../src/entries/websocket/options.ts";
import { networkSettings } from "../../src/sim/options.ts";
import { threadedReactorSettings } from "../../src/threads/threaded_reactor_options.ts";
import { backoffSettings } from "../../src/toolkit/connecting/backoff.ts";
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

type Options = Readonly<Record<string, unknown>>;

const documented = optionsInDocument();

/** The options of `type`, and those that the document adds from elsewhere: "And those of …". */
function allOptionsOf(type: string): readonly Option[] {
  const [, section = ""] = read(DOCUMENT).split(`### \`${type}\`\n`);
  const [, more = ""] = /^And those of \[`(\w+)`\]/m.exec(
    section.split("\n#")[0],
  ) ?? [];
  return [...documented.get(type) ?? [], ...documented.get(more) ?? []];
}

/** The tables of the code, by the interface whose options they have: `STOP_OPTIONS` are `StopOptions`. */
const TABLES = new Map<string, OptionTable<Options>>();
for (const path of list("src/", ".ts")) {
  const names = read(path).matchAll(/^export const ([A-Z_]+): OptionTable</gm);
  for (const [, name] of names) {
    const { [name]: table } = await import(`../../${path}`);
    assert.ok(table instanceof OptionTable, `${name} of ${path}`);
    const type = name.toLowerCase().replace(
      /(?:^|_)([a-z])/g,
      (_, letter: string) => letter.toUpperCase(),
    );
    TABLES.set(type, table as unknown as OptionTable<Options>);
  }
}

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

type User = (options: Options) => object | Promise<unknown>;

const THREADS = { threads: 1, module: "file:///reactors.ts" };

/** What fills options up, or else takes them, if that is not their table: it throws or rejects if one is bad. */
const USERS: Readonly<Record<string, User>> = {
  ConnectionOptions: (it) => connectionSettings(it),
  BackoffOptions: (it) => backoffSettings(it),
  WebSocketOptions: (it) => clientSettings(it),
  WebSocketServerOptions: (it) => serverSettings(it),
  WebSocketClientOptions: (it) => clientSettings(it),
  ThreadedReactorOptions: (it) =>
    threadedReactorSettings({ ...THREADS, ...it }),
  SimNetworkOptions: networkSettings,
  LinkSettings: (it) => networkSettings(it).link,
  FaultRates: (it) => networkSettings({ faults: it }),
  ProcessEventsOptions: (it) => simulated().processEvents(it),
  StopOptions: (it) => simulated().stop(it),
  SimulateOptions: (it) => simulate({ seeds: 1, ...it }, () => {}),
  UntilOptions: (it) => new SimNetwork().until(() => false, it),
};

function userOf(type: string): User | undefined {
  const table = TABLES.get(type);
  return USERS[type] ?? (table && ((it) => table.fill(it)));
}

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
  const use = userOf(type);
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
  const use = userOf(type);
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

for (const [type, table] of TABLES) {
  describe(`${type} of the document are as the table of the code says`, () => {
    const options = allOptionsOf(type);
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

for (const [type, { defaults }] of TABLES) {
  if (type === "LinkSettings" || type === "FaultRates") continue;
  test(`the comments of ${type} tell the defaults of the code`, () => {
    const own = documented.get(type)?.map(({ name }) => name);
    for (const [name, value] of Object.entries(defaults)) {
      if (own?.includes(name) !== true) continue;
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
  if (TABLES.has(type)) continue;
  for (const option of options) {
    if (!/^("|-?\d|true|false|Infinity)/.test(option.default)) continue;
    test(`the comment of ${type}.${option.name} tells the default of the document`, () =>
      assert.equal(
        toldDefault(type, option.name),
        JSON.parse(option.default),
      ));
  }
}
