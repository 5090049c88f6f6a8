import { certificatesOf } from "../../adapters/tls/certificate_paths.ts";
import type { Socket } from "../../contract/socket.ts";
import type { HandshakeEvents, TlsServerSettings } from "../../contract/tls.ts";
import {
  type Agreement,
  type HandshakeEnd,
  SimHandshake,
} from "./handshake.ts";
import {
  CERTIFICATE,
  CERTIFICATE_REQUEST,
  CLIENT_HELLO,
  type ClientHello,
  decodeCertificates,
  decodeClientHello,
  encodeCertificates,
  encodeServerHello,
  FINISHED,
  HELLO_DONE,
  message,
} from "./messages.ts";
import { spokenBy } from "./versions.ts";

/** The end of a server. */
export class ServerHandshake extends SimHandshake {
  readonly #settings: TlsServerSettings;
  #agreement: Agreement | undefined = undefined;

  constructor(
    end: HandshakeEnd,
    settings: TlsServerSettings,
    socket: Socket,
    events: HandshakeEvents,
  ) {
    super(end, socket, events);
    this.#settings = settings;
  }

  protected open(): void {}

  protected onMessage(type: number, body: Uint8Array): void {
    const agreement = this.#agreement;
    if (agreement === undefined) {
      if (type !== CLIENT_HELLO) throw new Error("no hello");
      if (this.mayAnswer()) this.#answer(decodeClientHello(body));
    } else if (type === CERTIFICATE) {
      this.peerChain = certificatesOf(decodeCertificates(body));
    } else if (type === FINISHED) this.#finish(agreement);
    else throw new Error("not in order");
  }

  #answer({ versions, serverName, alpn }: ClientHello): void {
    const { minVersion, clientCert } = this.#settings;
    const known = spokenBy(this.end.host, minVersion);
    const version = known.findLast((one) => versions.includes(one));
    if (version === undefined) return this.fail("no-common-version");
    const own = this.#settings.alpn;
    const protocol = own.find((one) => alpn.includes(one));
    if (protocol === undefined && own.length > 0 && alpn.length > 0) {
      return this.fail("no-common-protocol");
    }
    this.#agreement = { version, alpn: protocol, serverName };
    const { random } = this;
    this.send(encodeServerHello({ random, version, alpn: protocol }));
    if (clientCert !== "none") this.send(message(CERTIFICATE_REQUEST));
    const last = version === "TLSv1.3" ? FINISHED : HELLO_DONE;
    this.send(
      encodeCertificates(this.end.chain.map(({ raw }) => raw)),
      message(last),
    );
  }

  #finish(agreement: Agreement): void {
    const { clientCert } = this.#settings;
    const fault = this.faultOfPeer();
    if (clientCert === "require" && fault !== undefined) {
      return this.refuse(fault);
    }
    if (agreement.version === "TLSv1.2") this.send(message(FINISHED));
    this.secure(agreement, fault === undefined);
  }
}
