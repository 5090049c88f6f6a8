import { joined } from "../../util/joined.ts";
import type { WebSocketPage } from "./options.ts";

/** What the statuses are called that a server of WebSockets answers. */
const PHRASES = {
  200: "OK",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  426: "Upgrade Required",
  431: "Request Header Fields Too Large",
} as const;

/** A status of an answer. */
export type Status = keyof typeof PHRASES;

/** What a status demands besides its text. */
const HEADERS: Partial<Record<Status, string>> = {
  405: "allow: GET, HEAD",
  426: "upgrade: websocket\r\nsec-websocket-version: 13",
};

/** The answer that refuses a request, and says why in a line. */
export function refusal(status: Status, why: string): Uint8Array {
  const page = { type: "text/plain; charset=utf-8", body: `${why}\n` };
  return response(status, page, "GET");
}

/** The answer to a request by `method` for a page. */
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
  return method === "HEAD" ? head : joined(head, content);
}
