import { CodecError } from "../../mod.ts";

/** What the statuses say that this server answers with. */
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

/** What came is no request that is served; what follows it nobody can tell. */
export class HttpError extends CodecError {
  override readonly name = "HttpError";
  /** What it is answered with. */
  readonly status: number;

  constructor(status: number, why: string) {
    super(`${status} ${REASONS[status]}: ${why}`);
    this.status = status;
  }
}
