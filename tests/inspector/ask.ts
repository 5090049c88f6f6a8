import assert from "node:assert/strict";
import http from "node:http";
import {
  inspect,
  type InspectOptions,
  type Inspector,
  type ReactorModule,
  type ReactRuntime,
  type ThreadedReactorMgr,
} from "../../mod.ts";
import { steadyClock } from "../support/steady_clock.ts";
import { asTcp } from "../support/tcp.ts";

/** Runs `body` with an inspector of `target`, and closes that. */
export async function withInspector<
  UserCommand,
  Module extends ReactorModule,
>(
  target: ReactRuntime<UserCommand> | ThreadedReactorMgr<Module>,
  options: InspectOptions,
  body: (inspector: Inspector) => Promise<void>,
): Promise<void> {
  const inspector = await inspect(target, options);
  try {
    await body(inspector);
  } finally {
    await inspector.close();
  }
}

/** What was answered. */
export interface HttpReply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** What is asked with; what is left out is as the page has it. */
export interface HttpQuestion {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** Asks an inspector for `path`, as its page does. */
export function ask(
  inspector: Inspector,
  path: string,
  { method = "GET", headers = {}, body }: HttpQuestion = {},
): Promise<HttpReply> {
  const { port } = asTcp(inspector.address);
  const origin = `http://127.0.0.1:${port}`;
  return new Promise((resolve, reject) => {
    const request = http.request({
      host: "127.0.0.1",
      port,
      path,
      method,
      headers: method === "GET" ? headers : { origin, ...headers },
      agent: false,
    }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part) => text += part);
      response.on("end", () => {
        const { statusCode = 0, headers } = response;
        resolve({ status: statusCode, headers, text });
      });
    });
    request.on("error", reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** The same for what is answered as JSON. */
export async function askJson(
  inspector: Inspector,
  path: string,
  question?: HttpQuestion,
  // deno-lint-ignore no-explicit-any -- what a page reads, too
): Promise<any> {
  return JSON.parse((await ask(inspector, path, question)).text);
}

/** The same, again and again until `holds` is true of it. */
export async function askUntil(
  inspector: Inspector,
  path: string,
  // deno-lint-ignore no-explicit-any -- what a page reads, too
  holds: (answer: any) => boolean,
  // deno-lint-ignore no-explicit-any -- the same
): Promise<any> {
  const end = steadyClock.now() + 10_000;
  for (;;) {
    const answer = await askJson(inspector, path);
    if (holds(answer)) return answer;
    assert.ok(steadyClock.now() < end, `${path}: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
