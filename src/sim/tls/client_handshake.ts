import { certificatesOf } from "../../adapters/tls/certificate_paths.ts";
import type { Socket } from "../../contract/socket.ts";
import type {
  HandshakeEvents,
  TlsClientSettings,
  TlsFailureReason,
} from "../../contract/tls.ts";
import { ipBytes } from "../../util/ip_addresses.ts";
import { isFor } from "./certificates.ts";
import { type HandshakeEnd, SimHandshake } from "./handshake.ts";
import {
  CERTIFICATE,
  CERTIFICATE_REQUEST,
  decodeCertificates,
  decodeServerHello,
  encodeCertificates,
  encodeClientHello,
  FINISHED,
  HELLO_DONE,
  message,
  SERVER_HELLO,
  type ServerHello,
} from "./messages.ts";
import { spokenBy } from "./versions.ts";

/** The end of a client. */
export class ClientHandshake extends SimHandshake {
  readonly #settings: TlsClientSettings;
  #hello: ServerHello | undefined = undefined;
  /** The server has asked for a certificate. */
  #isAsked = false;
  #hasAnswered = false;

  constructor(
    end: HandshakeEnd,
    settings: TlsClientSettings,
    socket: Socket,
    events: HandshakeEvents,
  ) {
    super(end, socket, events);
    this.#settings = settings;
  }

  protected open(): void {
    const { alpn, minVersion } = this.#settings;
    const versions = spokenBy(this.end.host, minVersion);
    const { random } = this;
    const serverName = this.#nameAskedFor;
    this.send(encodeClientHello({ random, versions, serverName, alpn }));
  }

  protected onMessage(type: number, body: Uint8Array): void {
    if (this.#hello === undefined) {
      if (type !== SERVER_HELLO) throw new Error("no hello");
      this.#hello = decodeServerHello(body);
      return;
    }
    const isModern = this.#hello.version === "TLSv1.3";
    if (type === CERTIFICATE_REQUEST) this.#isAsked = true;
    else if (type === CERTIFICATE) {
      this.peerChain = certificatesOf(decodeCertificates(body));
    } else if (type === HELLO_DONE && !isModern) this.#answer();
    else if (type === FINISHED && isModern) {
      if (this.#answer()) this.#finish(this.#hello);
    } else if (type === FINISHED && this.#hasAnswered) {
      this.#finish(this.#hello);
    } else throw new Error("not in order");
  }

  /** None for a literal address. */
  get #nameAskedFor(): string | undefined {
    const { serverName } = this.#settings;
    return ipBytes(serverName) === undefined ? serverName : undefined;
  }

  /** Answers the server; returns false if its certificates are not accepted. */
  #answer(): boolean {
    if (!this.mayAnswer()) return false;
    const fault = this.#faultOfServer();
    if (fault !== undefined && this.#settings.verify) {
      this.refuse(fault);
      return false;
    }
    const shown = this.end.chain.map(({ raw }) => raw);
    if (this.#isAsked) this.send(encodeCertificates(shown));
    this.send(message(FINISHED));
    this.#hasAnswered = true;
    return true;
  }

  #finish({ version, alpn }: ServerHello): void {
    const serverName = this.#nameAskedFor;
    const fault = this.#faultOfServer();
    this.secure({ version, alpn, serverName }, fault === undefined);
  }

  #faultOfServer(): TlsFailureReason | undefined {
    const fault = this.faultOfPeer();
    if (fault !== undefined) return fault;
    const isRight = isFor(this.peerChain[0], this.#settings.serverName);
    return isRight ? undefined : "wrong-name";
  }
}
