// What is answered: a greeting to who gets, and what they said to who posts.

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

/** How a server is to be. */
export interface HelloOptions {
  /** Bytes of a body at most. */
  readonly maxbody: number;
}

const HELLO = Buffer.from("Hello, world\n");
const TEXT = ["Content-Type", "text/plain; charset=utf-8"] as const;
const GETTING = ["GET", "HEAD"];
/** Methods that there are. */
const METHODS = [
  ...[...GETTING, "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
  ...["TRACE", "CONNECT"],
];

/** Times for who is slow, ms: to the end of the first request, to the end of any, and between two. */
const TIMEOUTS = {
  firstMessageTimeoutMs: 10_000,
  messageTimeoutMs: 30_000,
  idleTimeoutMs: 60_000,
  sendTimeoutMs: 30_000,
};

type Peer = ServedPeer<HttpResponse>;

/** Serves requests by `clock`, which has the date. */
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

/** The path in a target, which may name the server before it, and a query behind it; undefined if it is another one. */
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
