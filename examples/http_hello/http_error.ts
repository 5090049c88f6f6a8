import { CodecError } from "../../mod.ts";

/** The reason phrases of the statuses that this server sends. */
export const REASONS: Readonly<Record<number, string>> = {
  100: "Continue",
  200: "OK",
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  413: "Content Too Large",
  417: "Expectation Failed",
  431: "Request Header Fields Too Large",
  501: "Not Implemented",
  505: "HTTP Version Not Supported",
};

/** A request that is refused. Where the next one begins is unknown, so the connection is closed. */
export class HttpError extends CodecError {
  override readonly name = "HttpError";
  /** The status of the response. */
  readonly status: number;

  constructor(status: number, why: string) {
    super(`${status} ${REASONS[status]}: ${why}`);
    this.status = status;
  }
}
