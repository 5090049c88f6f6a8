import {
  type HttpRequest,
  type HttpResponse,
  json,
  refusal,
} from "./http/http_message.ts";
import { PAGE } from "./page/embedded.ts";
import type { Watched } from "./watched.ts";
import {
  CONNECTION_ORDERS,
  type ConnectionOrder,
  type ConnectionQuery,
  DEEPEST,
  MOST_ROWS,
} from "./view/query.ts";

/** What requests may do, from the page or by hand. */
export interface Allowed {
  readonly close: boolean;
  readonly drain: boolean;
  readonly tail: boolean;
}

interface Route {
  readonly method: "GET" | "POST";
  answer(request: HttpRequest): HttpResponse | Promise<HttpResponse>;
}

type RouteAnswer = Route["answer"];

/** How many characters of a search count. */
const LONGEST_SEARCH = 100;

/** The answers, by path. */
export class Routes {
  readonly #watched: Watched;
  readonly #may: Allowed;
  readonly #routes: ReadonlyMap<string, Route>;

  constructor(watched: Watched, may: Allowed) {
    this.#watched = watched;
    this.#may = may;
    const get = (answer: RouteAnswer): Route => ({ method: "GET", answer });
    const post = (answer: RouteAnswer): Route => ({ method: "POST", answer });
    this.#routes = new Map([
      ["/api/overview", get(() => this.#overview())],
      ["/api/connections", get((request) => this.#connections(request))],
      ["/api/closed", get((request) => this.#closed(request))],
      ["/api/tail", get((request) => this.#tail(request))],
      ["/api/close", post((request) => this.#act("close", request))],
      ["/api/drain", post((request) => this.#act("drain", request))],
    ]);
  }

  /** The file of the page that `request` asks for. It contains no data, so anybody may have it. */
  page({ method, path }: HttpRequest): HttpResponse | undefined {
    const name = path === "/" ? "index.html" : path.slice(1);
    if (!Object.hasOwn(PAGE, name)) return undefined;
    return isOf(method, "GET")
      ? { status: 200, ...PAGE[name] }
      : otherMethod("GET");
  }

  answer(request: HttpRequest): HttpResponse | Promise<HttpResponse> {
    const route = this.#routes.get(request.path);
    if (route === undefined) return refusal(404, "there is nothing");
    return isOf(request.method, route.method)
      ? route.answer(request)
      : otherMethod(route.method);
  }

  async #overview(): Promise<HttpResponse> {
    const { threads, silent } = await this.#watched.overviews();
    const listeners = threads.flatMap(({ thread, listeners }) =>
      listeners.map((listener) => ({ thread, ...listener }))
    );
    return json({
      may: this.#may,
      threads: threads.map(({ thread, stats }) => ({ thread, stats })),
      listeners,
      silent,
    });
  }

  async #connections({ query }: HttpRequest): Promise<HttpResponse> {
    return json(await this.#watched.connections(connectionQuery(query)));
  }

  async #closed({ query }: HttpRequest): Promise<HttpResponse> {
    const limit = numberInQuery(query, "limit", 100, 1000);
    return json(await this.#watched.closed(limit));
  }

  async #tail({ query }: HttpRequest): Promise<HttpResponse> {
    if (!this.#may.tail) return refusal(403, "allowTail is off");
    const id = numberInQuery(query, "id", 0, Number.MAX_SAFE_INTEGER);
    const after = numberInQuery(query, "after", 0, Number.MAX_SAFE_INTEGER);
    const thread = query.get("thread") ?? "";
    const answer = await this.#watched.ask(thread, { kind: "tail", id, after });
    return answer === undefined
      ? refusal(404, `there is no thread ${thread}`)
      : json(answer);
  }

  async #act(kind: "close" | "drain", { body }: HttpRequest) {
    if (!this.#may[kind]) {
      const option = kind === "close" ? "allowClose" : "allowDrain";
      return refusal(403, `${option} is off`);
    }
    const target = targetIn(body);
    if (target === undefined) return refusal(400, "which one, is not said");
    const { thread, id } = target;
    const answer = await this.#watched.ask(thread, { kind, id });
    return answer?.done === true
      ? json(answer)
      : refusal(404, "it is closed already");
  }
}

/** True if `method` is `expected`, or the same without a body. */
function isOf(method: string, expected: Route["method"]): boolean {
  return method === expected || (method === "HEAD" && expected === "GET");
}

function otherMethod(allowed: Route["method"]): HttpResponse {
  const field = `Allow: ${allowed === "GET" ? "GET, HEAD" : allowed}`;
  return refusal(405, `only ${allowed} can be asked here`, field);
}

function connectionQuery(query: URLSearchParams): ConnectionQuery {
  const sort = query.get("sort") ?? "id";
  return {
    sort: isOrder(sort) ? sort : "id",
    isDescending: query.get("order") === "desc",
    search: (query.get("search") ?? "").slice(0, LONGEST_SEARCH),
    offset: numberInQuery(query, "offset", 0, DEEPEST),
    limit: numberInQuery(query, "limit", MOST_ROWS, MOST_ROWS),
  };
}

function isOrder(text: string): text is ConnectionOrder {
  return (CONNECTION_ORDERS as readonly string[]).includes(text);
}

/** The parameter `name` of `query`: a number from 0 to `most`. */
function numberInQuery(
  query: URLSearchParams,
  name: string,
  byDefault: number,
  most: number,
): number {
  const text = query.get(name) ?? "";
  return /^\d{1,16}$/.test(text) ? Math.min(Number(text), most) : byDefault;
}

function targetIn(body: string): { thread: string; id: number } | undefined {
  try {
    const { thread, id } = JSON.parse(body) ?? {};
    const isTarget = typeof thread === "string" && Number.isSafeInteger(id);
    return isTarget ? { thread, id } : undefined;
  } catch {
    return undefined;
  }
}
