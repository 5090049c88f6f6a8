import { CodecError } from "../../api/errors.ts";

/** A request of a browser, or of `reactio top`. */
export interface HttpRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** By names in lower case. If a field comes several times, its values are joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/**
 * The bytes received are not a supported request, so it is unknown where the
 * next one begins.
 */
export class BadRequest extends CodecError {
  override readonly name = "BadRequest";
  /** The status of the answer. */
  readonly status: number;

  constructor(status: number, what: string) {
    super(`Cannot read a request: it has ${what}`);
    this.status = status;
  }
}

/** The answer to a request, whatever its method. */
export interface HttpResponse {
  readonly status: number;
  /** Its `Content-Type`. */
  readonly type: string;
  readonly body: string;
  /** A field that the status requires. */
  readonly field?: string;
}

/** An answer as it is sent. */
export interface HttpAnswer extends HttpResponse {
  /** Only the size of the body is sent, as for HEAD. */
  readonly isHead: boolean;
  /** The connection closes after it. */
  readonly isLast: boolean;
}

/** `response` in the form that `request` wants. */
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

/** True if a request with these fields is the last on its connection. */
export function isLast(headers: HttpRequest["headers"]): boolean {
  const connection = headers.get("connection") ?? "";
  return connection.toLowerCase().split(/[ \t]*,[ \t]*/).includes("close");
}

/** The reason phrases of the statuses that are sent. */
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

/** An answer in JSON. */
export function json(value: unknown, status = 200): HttpResponse {
  const type = "application/json; charset=utf-8";
  return { status, type, body: JSON.stringify(value) };
}

/** An answer that says what is wrong with the request. */
export function refusal(
  status: number,
  why: string,
  field?: string,
): HttpResponse {
  const response = json({ error: why }, status);
  return field === undefined ? response : { ...response, field };
}
