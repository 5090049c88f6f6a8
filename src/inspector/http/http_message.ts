import { CodecError } from "../../api/errors.ts";

/** A request of a browser, or of `reactio top`. */
export interface HttpRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** By their names in lower case; of a field that comes twice, all values, separated by commas. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** What came in is not a request that is understood here. Nobody can tell what follows it. */
export class BadRequest extends CodecError {
  override readonly name = "BadRequest";
  /** What it is answered with. */
  readonly status: number;

  constructor(status: number, what: string) {
    super(`Cannot read a request: it has ${what}`);
    this.status = status;
  }
}

/** What is said of a request. */
export interface HttpResponse {
  readonly status: number;
  /** Its `Content-Type`. */
  readonly type: string;
  readonly body: string;
  /** What the status has to be sent with, as a field. */
  readonly field?: string;
}

/** What answers a request. */
export interface HttpAnswer extends HttpResponse {
  /** The size of the body is told, and the body is not. */
  readonly isHead: boolean;
  /** The connection ends with it. */
  readonly isLast: boolean;
}

/** `response` as `request` wants it. */
export function answerTo(
  request: HttpRequest | CodecError,
  response: HttpResponse,
): HttpAnswer {
  if (request instanceof CodecError) {
    return { ...response, isHead: false, isLast: true };
  }
  const { method, headers } = request;
  return {
    ...response,
    isHead: method === "HEAD",
    isLast: isLast(headers),
  };
}

/** True if nothing follows a request with these fields on its connection. */
export function isLast(headers: HttpRequest["headers"]): boolean {
  const connection = headers.get("connection") ?? "";
  return connection.toLowerCase().split(/[ \t]*,[ \t]*/).includes("close");
}

/** What is said with a status, for those that are sent. */
export const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  413: "Content Too Large",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  505: "HTTP Version Not Supported",
};

/** An answer for programs. */
export function json(value: unknown, status = 200): HttpResponse {
  const type = "application/json; charset=utf-8";
  return { status, type, body: JSON.stringify(value) };
}

/** An answer that says why there is no other. */
export function refusal(
  status: number,
  why: string,
  field?: string,
): HttpResponse {
  const response = json({ error: why }, status);
  return field === undefined ? response : { ...response, field };
}
