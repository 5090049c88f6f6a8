// The page of the inspector: asks once a second, and shows what it is told.

import {
  get,
  keepToken,
  post,
  Refused,
  takeToken,
  TokenNeeded,
} from "./api.js";
import * as format from "./format.js";
import { Plot } from "./plot.js";
import { quantile, since } from "./quantile.js";
import { Table } from "./table.js";
import { Tail } from "./tail.js";

const PERIOD_MS = 1000;
const PLOT_LENGTH = 300;
const PAGE_SIZE = 50;
/** How far into the connections one may look: see view/query.ts. */
const DEEPEST = 10_000;
/** What became of something that somebody did is shown for so long. */
const NOTICE_MS = 5000;

const $ = (id) => document.getElementById(id);
const total = (threads, pick) =>
  threads.reduce((sum, { stats }) => sum + pick(stats), 0);

const turns = ({ turnTime }) => [turnTime];
const delays = ({ loopDelay }) => [loopDelay];
const requests = ({ requested, served }) => [requested.latency, served.latency];
const inFlight = ({ requested, served }) =>
  requested.inFlight + served.inFlight;

/** What is asked for of the connections. */
const query = { sort: "age", order: "desc", search: "", offset: 0 };
let matched = 0;
let lastAsked = 0;
let isPaused = false;
let noticeUntil = 0;
let before;
let may = { close: false, drain: false, tail: false };

const tail = new Tail($("tail"), $("tail-caption"), $("tail-lines"));

const plots = [
  new Plot($("plots"), {
    title: "Messages",
    first: "in",
    second: "out",
    show: format.perSecond,
    length: PLOT_LENGTH,
  }),
  new Plot($("plots"), {
    title: "Bytes",
    first: "in",
    second: "out",
    show: format.bytesPerSecond,
    length: PLOT_LENGTH,
  }),
  new Plot($("plots"), {
    title: "Latency of requests",
    first: "median",
    second: "99th",
    show: format.milliseconds,
    length: PLOT_LENGTH,
  }),
  new Plot($("plots"), {
    title: "Time of a turn",
    first: "median",
    second: "99th",
    show: format.milliseconds,
    length: PLOT_LENGTH,
  }),
];

const threads = new Table($("threads"), [
  { title: "Thread", text: ({ thread }) => thread },
  { title: "Connections", isNumber: true, text: ({ stats }) => stats.open },
  {
    title: "In",
    isNumber: true,
    text: ({ rates }) => format.perSecond(rates.messagesIn),
  },
  {
    title: "Out",
    isNumber: true,
    text: ({ rates }) => format.perSecond(rates.messagesOut),
  },
  {
    title: "Requests",
    isNumber: true,
    text: ({ stats }) => format.count(inFlight(stats)),
  },
  {
    title: "Queued",
    isNumber: true,
    text: ({ stats }) => format.bytes(stats.bytesQueued),
  },
  {
    title: "Turn, 99th",
    isNumber: true,
    text: ({ turn }) => format.milliseconds(turn),
  },
  {
    title: "Delay, 99th",
    isNumber: true,
    text: ({ delay }) => format.milliseconds(delay),
  },
], { caption: "Threads", empty: "No thread answers." });

const listeners = new Table($("listeners"), [
  { title: "Address", text: ({ address }) => address },
  { title: "Thread", text: ({ thread }) => thread },
  { title: "Open", isNumber: true, text: ({ stats }) => stats.open },
  {
    title: "Accepted",
    isNumber: true,
    text: ({ stats }) => format.count(stats.accepted),
  },
  {
    title: "Dropped",
    isNumber: true,
    text: ({ stats }) => format.count(sum(stats.dropped)),
  },
  {
    title: "",
    actions: ({ thread, id, address }) => [{
      label: "Drain",
      isOff: !may.drain,
      run: () =>
        act(
          "drain",
          { thread, id },
          `Stop accepting at ${address}, and have its connections finish?`,
          `${address} accepts no more; its connections finish`,
        ),
    }],
  },
], { caption: "Listeners", empty: "Nobody listens." });

const live = new Table($("live"), [
  { title: "Peer", sort: "peer", text: ({ peer }) => peer },
  { title: "Thread", sort: "thread", text: ({ thread }) => thread },
  {
    title: "Age",
    sort: "age",
    isNumber: true,
    text: ({ openMs }) => format.duration(openMs),
  },
  {
    title: "In",
    sort: "in",
    isNumber: true,
    text: ({ inPerSecond }) => format.bytesPerSecond(inPerSecond),
  },
  {
    title: "Out",
    sort: "out",
    isNumber: true,
    text: ({ outPerSecond }) => format.bytesPerSecond(outPerSecond),
  },
  {
    title: "Queue",
    sort: "queue",
    isNumber: true,
    text: ({ bytesQueued }) => format.bytes(bytesQueued),
  },
  { title: "State", sort: "state", text: ({ state }) => state },
  {
    title: "",
    actions: (row) => [
      { label: "Traffic", isOff: !may.tail, run: () => tail.open(row) },
      {
        label: "Close",
        isOff: !may.close,
        run: () =>
          act(
            "close",
            { thread: row.thread, id: row.id },
            `Close the connection of ${row.peer}?`,
            `the connection of ${row.peer} is closing`,
          ),
      },
    ],
  },
], { caption: "Connections", empty: "None.", onSort });

const closed = new Table($("closed"), [
  { title: "Peer", text: ({ peer }) => peer },
  { title: "Ago", isNumber: true, text: ({ agoMs }) => format.duration(agoMs) },
  {
    title: "Open for",
    isNumber: true,
    text: ({ openMs }) => format.duration(openMs),
  },
  {
    title: "Bytes in",
    isNumber: true,
    text: ({ bytesIn }) => format.bytes(bytesIn),
  },
  {
    title: "Bytes out",
    isNumber: true,
    text: ({ bytesOut }) => format.bytes(bytesOut),
  },
  { title: "Reason", text: ({ reason }) => reason },
], { caption: "Closed lately", empty: "None so far." });

function sum(counts) {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}

function onSort(sort) {
  const isSame = query.sort === sort;
  sortBy(sort, isSame && query.order === "desc" ? "asc" : "desc");
}

function sortBy(sort, order) {
  Object.assign(query, { sort, order, offset: 0 });
  showOrder();
  void asking(refreshConnections);
}

function showOrder() {
  $("sort").value = query.sort;
  $("order").textContent = query.order === "asc" ? "Rising" : "Falling";
  live.showOrder(query.sort, query.order);
}

/** Does what somebody wants, if they say so again, and says `done` when it has begun. */
async function act(what, body, question, done) {
  if (!confirm(question)) return;
  await asking(async () => {
    await post(what, body);
    notice(done, "");
  }, notice);
}

/** Says what became of something that somebody did, long enough to be read. */
function notice(text, state) {
  say(text, state);
  noticeUntil = performance.now() + NOTICE_MS;
}

function say(text, state) {
  const status = $("status");
  if (status.textContent !== text) status.textContent = text;
  status.className = state;
}

function showOverview(overview) {
  may = overview.may;
  const now = performance.now();
  const seconds = before === undefined ? 0 : (now - before.at) / 1000;
  const earlier = new Map(before?.threads.map((it) => [it.thread, it.stats]));
  const rateOf = ({ thread, stats }, name) => {
    const last = earlier.get(thread);
    return last === undefined || seconds === 0
      ? 0
      : Math.max(0, stats[name] - last[name]) / seconds;
  };
  const names = ["messagesIn", "messagesOut", "bytesIn", "bytesOut"];
  const rows = overview.threads.map((it) => ({
    ...it,
    key: it.thread,
    rates: Object.fromEntries(names.map((name) => [name, rateOf(it, name)])),
    turn: lately([it], turns, 0.99),
    delay: lately([it], delays, 0.99),
  }));
  const rate = (name) => rows.reduce((all, { rates }) => all + rates[name], 0);
  threads.show(rows);
  listeners.show(
    overview.listeners.map((it) => ({ ...it, key: `${it.thread}/${it.id}` })),
  );
  showTiles(overview.threads, rate, rows);
  if (before !== undefined) {
    const missed = Math.max(0, Math.round(seconds * 1000 / PERIOD_MS) - 1);
    plots.forEach((plot) => plot.skip(missed));
    plots[0].add(rate("messagesIn"), rate("messagesOut"));
    plots[1].add(rate("bytesIn"), rate("bytesOut"));
    plots[2].add(
      lately(overview.threads, requests, 0.5),
      lately(overview.threads, requests, 0.99),
    );
    plots[3].add(
      lately(overview.threads, turns, 0.5),
      lately(overview.threads, turns, 0.99),
    );
  }
  before = { at: now, threads: overview.threads };

  /** What a share of all that was timed lately took; `pick` finds the histograms of a thread. */
  function lately(of, pick, share) {
    const last = of.map(({ thread }) => earlier.get(thread)).filter(Boolean);
    return quantile(
      since(of.flatMap(({ stats }) => pick(stats)), last.flatMap(pick)),
      share,
    );
  }
}

function showTiles(all, rate, rows) {
  const worst = (name) => Math.max(0, ...rows.map((row) => row[name] ?? 0));
  const tiles = {
    "Connections": format.count(total(all, ({ open }) => open)),
    "Messages in": format.perSecond(rate("messagesIn")),
    "Messages out": format.perSecond(rate("messagesOut")),
    "Requests in flight": format.count(total(all, inFlight)),
    "Queued": format.bytes(total(all, ({ bytesQueued }) => bytesQueued)),
    "Paused": format.count(total(all, ({ paused }) => paused)),
    "Accepted": format.count(total(all, ({ accepted }) => accepted)),
    "Dropped": format.count(total(all, ({ dropped }) => sum(dropped))),
    "Turn, 99th": format.milliseconds(worst("turn")),
    "Loop delay, 99th": format.milliseconds(worst("delay")),
    "Up for": format.duration(
      Math.max(0, ...all.map(({ stats }) => stats.uptimeMs)),
    ),
  };
  const list = $("tiles");
  Object.entries(tiles).forEach(([title, text], i) => {
    if (list.children[i] === undefined) {
      const tile = document.createElement("div");
      const term = document.createElement("dt");
      term.textContent = title;
      tile.append(term, document.createElement("dd"));
      list.append(tile);
    }
    const shown = list.children[i].lastElementChild;
    if (shown.textContent !== text) shown.textContent = text;
  });
}

function showConnections(answer) {
  matched = answer.matched;
  if (query.offset >= matched && query.offset > 0) query.offset = 0;
  live.show(
    answer.rows.map((row) => ({ ...row, key: `${row.thread}/${row.id}` })),
  );
  const first = answer.rows.length === 0 ? 0 : query.offset + 1;
  const last = query.offset + answer.rows.length;
  const text = matched === answer.total
    ? `${first} to ${last} of ${matched}`
    : `${first} to ${last} of ${matched} found, ${answer.total} in all`;
  if ($("matched").textContent !== text) $("matched").textContent = text;
  $("previous").disabled = query.offset === 0;
  $("next").disabled = query.offset + PAGE_SIZE >= Math.min(matched, DEEPEST);
}

function showClosed({ rows, reasons }) {
  closed.show(
    rows.map((row) => ({ ...row, key: `${row.thread}/${row.number}` })),
  );
  const items = Object.entries(reasons).sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count}`);
  if ($("reasons").dataset.said === items.join()) return;
  $("reasons").dataset.said = items.join();
  $("reasons").replaceChildren(...items.map((text) => {
    const item = document.createElement("li");
    item.textContent = text;
    return item;
  }));
}

async function refresh() {
  const [overview, showNow, ended] = await Promise.all([
    get("overview"),
    askConnections(),
    get("closed", { limit: 100 }),
  ]);
  showOverview(overview);
  showNow();
  showClosed(ended);
  await tail.refresh();
  if (performance.now() < noticeUntil) return;
  const { silent } = overview;
  if (silent.length === 0) say("live", "live");
  else say(`no answer of thread ${silent.join(", ")}`, "lost");
}

/** Asks for the connections; resolves to what shows them, unless others were asked for meanwhile. */
async function askConnections() {
  const asked = ++lastAsked;
  const answer = await get("connections", { ...query, limit: PAGE_SIZE });
  return () => {
    if (asked === lastAsked) showConnections(answer);
  };
}

async function refreshConnections() {
  const showNow = await askConnections();
  showNow();
}

/** Asks by `ask`, and tells by `report` if there is no answer. */
async function asking(ask, report = say) {
  try {
    await ask();
  } catch (error) {
    if (error instanceof TokenNeeded) return await signIn();
    const { message } = error;
    report(
      error instanceof Refused ? message : `no answer: ${message}`,
      "lost",
    );
  }
}

async function signIn() {
  say("a token is needed", "lost");
  const dialog = $("sign-in");
  if (!dialog.open) dialog.showModal();
  await new Promise((resolve) =>
    dialog.addEventListener("close", resolve, { once: true })
  );
  keepToken($("token").value);
  $("token").value = "";
}

$("pause").addEventListener("click", () => {
  isPaused = !isPaused;
  $("pause").setAttribute("aria-pressed", String(isPaused));
  if (isPaused) say("paused", "");
});
$("sort").append(
  ...live.orders.map(([name, title]) => new Option(title, name)),
);
$("sort").addEventListener(
  "change",
  ({ target }) => sortBy(target.value, query.order),
);
$("order").addEventListener(
  "click",
  () => sortBy(query.sort, query.order === "asc" ? "desc" : "asc"),
);
$("search").addEventListener("input", ({ target }) => {
  query.search = target.value;
  query.offset = 0;
});
$("search").addEventListener("change", () =>
  void asking(async () => {
    await refreshConnections();
    notice($("matched").textContent, "");
  }));
$("previous").addEventListener("click", () => {
  query.offset = Math.max(0, query.offset - PAGE_SIZE);
  void asking(refreshConnections);
});
$("next").addEventListener("click", () => {
  query.offset = Math.min(query.offset + PAGE_SIZE, DEEPEST - PAGE_SIZE);
  void asking(refreshConnections);
});

takeToken();
showOrder();
for (;;) {
  if (!isPaused && !document.hidden) await asking(refresh);
  await new Promise((resolve) => setTimeout(resolve, PERIOD_MS));
}
