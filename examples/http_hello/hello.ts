// What the server answers: a greeting to GET, and to POST its own body.

import { Buffer } from "node:buffer";
import {
  type Clock,
  serve,
  type ServedPeer,
  type TcpListenerHandler,
} from "../../mod.ts";
import { HttpCodec, type HttpRequest, type HttpResponse } from "./codec.ts";
import { HttpError } from "./http_error.ts";
import { ServedCodec } from "./served_codec.ts";

/** The settings of a server, as its flags give them. */
export interface HelloOptions {
  /** The most bytes of a body. */
  readonly maxbody: number;
}

const HELLO = Buffer.from("Hello, world\n");
const TEXT = ["Content-Type", "text/plain; charset=utf-8"] as const;
const GETTING = ["GET", "HEAD"];
/** The methods of HTTP; any other is answered by 501. */
const METHODS = [
  ...[...GETTING, "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
  ...["TRACE", "CONNECT"],
];

/** How long a slow client may take, in ms. */
const TIMEOUTS = {
  firstMessageTimeoutMs: 10_000,
  messageTimeoutMs: 30_000,
  idleTimeoutMs: 60_000,
  sendTimeoutMs: 30_000,
};

type Peer = ServedPeer<HttpResponse>;

/** Serves requests. `clock` gives the date. */
export function helloHandler(
  clock: Pick<Clock, "wallNow">,
  { maxbody }: HelloOptions,
): TcpListenerHandler {
  const dates = new Dates(clock);
  return {
    onNewConnection() {
      let peer: Peer | undefined;
      const onExpected = () => void peer?.send({ status: 100 });
      const codec = new ServedCodec(new HttpCodec(maxbody, onExpected));
      const server = serve(codec, (request, peer: Peer) => {
        const answer = answerTo(request);
        const isError = request instanceof HttpError;
        const isLast = isError || request.isLast;
        peer.send({
          ...answer,
          fields: [
            ["Date", dates.now()],
            TEXT,
            ...answer.fields ?? [],
            ["Connection", isLast ? "close" : "keep-alive"],
          ],
          isHead: !isError && request.method === "HEAD",
        });
        if (isLast) peer.close();
      }, {
        onConnected: (it) => void (peer = it),
      });
      return { reactor: server.reactor(), ...TIMEOUTS };
    },
  };
}

function answerTo(request: HttpRequest | HttpError): HttpResponse {
  if (request instanceof HttpError) return refusal(request);
  const { method, target, body } = request;
  if (!METHODS.includes(method)) {
    return refusal(new HttpError(501, "the method is not known"));
  }
  const path = pathOf(target);
  const isEcho = path === "/echo";
  const allowed = isEcho ? ["POST"] : GETTING;
  if (!allowed.includes(method)) {
    return {
      ...refusal(new HttpError(405, "try another")),
      fields: [["Allow", allowed.join(", ")]],
    };
  }
  if (isEcho) return { status: 200, body };
  return path === "/"
    ? { status: 200, body: HELLO }
    : refusal(new HttpError(404, "there is / and /echo"));
}

/** The path in a target, without the server that may come before it and the query that may follow; undefined if there is none. */
function pathOf(target: string): string | undefined {
  const [, server, path] =
    /^(https?:\/\/[^/?#]+)?(\/[^?#]*)?(?:\?.*)?$/i.exec(target) ?? [];
  return path ?? (server && "/");
}

function refusal({ status, message }: HttpError): HttpResponse {
  return { status, body: Buffer.from(`${message}\n`) };
}

/** The date in the form of HTTP, made once a second. */
class Dates {
  readonly #clock: Pick<Clock, "wallNow">;
  #second = NaN;
  #text = "";

  constructor(clock: Pick<Clock, "wallNow">) {
    this.#clock = clock;
  }

  now(): string {
    const second = Math.floor(this.#clock.wallNow() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#text = new Date(second * 1000).toUTCString();
    }
    return this.#text;
  }
}
