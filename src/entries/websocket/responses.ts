import { concatBytes } from "../../util/concat_bytes.ts";
import type { WebSocketPage } from "./options.ts";

/** The reason phrases of the statuses that a WebSocket server sends. */
const PHRASES = {
  200: "OK",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  426: "Upgrade Required",
  431: "Request Header Fields Too Large",
} as const;

/** The status of a response. */
export type Status = keyof typeof PHRASES;

/** The headers that a status requires. */
const HEADERS: Partial<Record<Status, string>> = {
  405: "allow: GET, HEAD",
  426: "upgrade: websocket\r\nsec-websocket-version: 13",
};

/** Creates the response to a refused request, with the reason as its body. */
export function refusalResponse(status: Status, why: string): Uint8Array {
  const page = { type: "text/plain; charset=utf-8", body: `${why}\n` };
  return response(status, page, "GET");
}

/** Creates a response with a page; `method` is that of the request. */
export function response(
  status: Status,
  { type, body }: WebSocketPage,
  method: string,
): Uint8Array {
  const content = typeof body === "string"
    ? new TextEncoder().encode(body)
    : body;
  const lines = [
    `HTTP/1.1 ${status} ${PHRASES[status]}`,
    `content-type: ${type}`,
    `content-length: ${content.length}`,
    "x-content-type-options: nosniff",
    "connection: close",
    ...(HEADERS[status] === undefined ? [] : [HEADERS[status]]),
  ];
  const head = new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`);
  return method === "HEAD" ? head : concatBytes(head, content);
}
