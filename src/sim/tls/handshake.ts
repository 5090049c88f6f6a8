import { faultOf } from "../../adapters/tls/certificate_paths.ts";
import type { NativeX509 } from "../../adapters/tls/node_tls_types.ts";
import type { SocketFailure } from "../../contract/failure.ts";
import type { Socket } from "../../contract/socket.ts";
import type {
  HandshakeEvents,
  HandshakeFailure,
  PendingHandshake,
  TlsFailureReason,
} from "../../contract/tls.ts";
import type { TlsVersion } from "../../contract/tls_info.ts";
import type { Host } from "../host.ts";
import type { Process } from "../process.ts";
import { SimSocket } from "../sim_socket.ts";
import { alertOf, nameOfAlert, reasonOfAlert } from "./alerts.ts";
import { shownOf } from "./certificates.ts";
import { cipherOf, MessageReader, RANDOM_SIZE } from "./messages.ts";
import { ALERT, HANDSHAKE, type TlsRecord } from "./records.ts";
import { SimTlsEnd } from "./tls_end.ts";
import { type LayerOwner, TlsLayer } from "./tls_layer.ts";

/** What one end of a handshake is configured with. */
export interface HandshakeEnd {
  readonly host: Host;
  readonly process: Process;
  /** The certificates that it shows; empty for none. */
  readonly chain: readonly NativeX509[];
  /** Whom it trusts. */
  readonly authorities: readonly NativeX509[];
}

/** What was agreed on, except for the peer's certificates. */
export interface Agreement {
  readonly version: TlsVersion;
  readonly alpn: string | undefined;
  readonly serverName: string | undefined;
}

/** One end of a simulated handshake. */
export abstract class SimHandshake implements PendingHandshake, LayerOwner {
  protected readonly end: HandshakeEnd;
  protected readonly random: Uint8Array;
  /** The certificates of the peer. */
  protected peerChain: readonly NativeX509[] = [];
  readonly #layer: TlsLayer;
  readonly #messages = new MessageReader();
  /** How it fails, if a fault strikes. */
  readonly #fault: TlsFailureReason | undefined;
  /** A fault has made it silent: it neither sends nor reads. */
  #isSilent: boolean;
  /** Undefined once its outcome was reported, or nobody wants it. */
  #events: HandshakeEvents | undefined;
  #failure: HandshakeFailure | undefined = undefined;

  constructor(end: HandshakeEnd, socket: Socket, events: HandshakeEvents) {
    this.end = end;
    this.#events = events;
    this.#layer = new TlsLayer(end.process, socket);
    const { reason, isLate } = end.host.nextHandshakeFault() ?? {};
    this.#fault = reason;
    this.#isSilent = reason === "timeout" && !isLate;
    this.random = end.host.random.bytes(RANDOM_SIZE);
  }

  /** Sends its first message, if it is the one to begin. */
  protected abstract open(): void;
  /** Takes a message of the peer. Throws if it is out of place. */
  protected abstract onMessage(type: number, body: Uint8Array): void;

  /** `received` was read already. */
  begin(received: Uint8Array | undefined): void {
    this.#layer.begin(this, received);
    if (!this.#isSilent) this.open();
  }

  cancel(): void {
    if (this.#takeEvents() === undefined) return;
    this.#layer.addToTrace("tls handshake cancelled");
    this.#layer.abandon();
  }

  /** False if a fault keeps it from answering. */
  protected mayAnswer(): boolean {
    if (this.#fault === undefined) return true;
    this.#isSilent = this.#fault === "timeout";
    if (!this.#isSilent) this.fail(this.#fault, new Error("a simulated fault"));
    return false;
  }

  protected send(...messages: Uint8Array[]): void {
    for (const one of messages) this.#layer.writer.send(HANDSHAKE, one);
  }

  /** Refuses what the peer has shown. */
  protected refuse(fault: TlsFailureReason): void {
    const isOfTime = fault === "expired" || fault === "not-yet-valid";
    const clock =
      `by the wall clock of ${this.end.host.name}, which began at ` +
      "2026-01-01, and which jumpWallClock sets (simulated)";
    this.fail(fault, isOfTime ? new Error(clock) : undefined);
  }

  /** What is wrong with the peer's certificates, if anything. */
  protected faultOfPeer(): TlsFailureReason | undefined {
    if (this.peerChain.length === 0) return "no-certificate";
    const { authorities, host } = this.end;
    return faultOf(this.peerChain, { authorities, now: host.wallNow() });
  }

  /** Completes the handshake: the owner gets the connection in TLS. */
  protected secure(agreement: Agreement, isAuthorized: boolean): void {
    const events = this.#takeEvents();
    const { version } = agreement;
    this.#layer.addToTrace(`tls secure ${version}`);
    const [shown] = this.peerChain;
    const end = new SimTlsEnd(this.#layer, {
      ...agreement,
      cipher: cipherOf(version),
      peerCertificate: shown && shownOf(shown),
      isAuthorized,
    });
    this.#layer.owner = end;
    new SimSocket(end).handTo((socket) => events?.onSecure(socket));
  }

  /** Fails the handshake, and sends the peer an alert if it is still there. */
  protected fail(reason: TlsFailureReason, cause?: unknown): void {
    if (this.#isOver) return;
    if (reason !== "closed") this.#layer.writer.send(ALERT, alertOf(reason));
    this.#failWith({ reason, cause });
  }

  // Called by the layer below.

  onRecord({ type, content }: TlsRecord): void {
    if (this.#isOver || this.#isSilent) return;
    if (type === ALERT) {
      const name = nameOfAlert(content);
      const cause = new Error(`alert ${name} (simulated)`);
      return this.#failWith({ reason: reasonOfAlert(content), cause });
    }
    if (type === HANDSHAKE) this.#messages.append(content);
    else this.fail("other", new Error(`a record of type ${type} (simulated)`));
    this.#takeMessages();
  }

  onNoRecord(error: Error): void {
    if (!this.#isSilent) this.fail("not-tls", error);
  }

  onRead(): void {}

  onSent(): void {}

  onLayerEnd(): void {
    if (!this.#isSilent) this.fail("closed");
  }

  onLayerClose(failure?: SocketFailure): void {
    this.#failure ??= { reason: "closed", cause: failure?.cause };
    this.#conclude();
  }

  get #isOver(): boolean {
    return this.#events === undefined || this.#failure !== undefined;
  }

  #takeMessages(): void {
    while (!this.#isOver && !this.#isSilent) {
      const next = this.#messages.next();
      if (next === undefined) return;
      try {
        this.onMessage(next.type, next.body);
      } catch {
        const what = `message ${next.type}, malformed or not in order`;
        this.fail("other", new Error(`${what} (simulated)`));
      }
    }
  }

  #failWith(failure: HandshakeFailure): void {
    this.#failure = failure;
    this.#layer.addToTrace(`tls handshake failed: ${failure.reason}`);
    this.#layer.writer.onceDrained(() => this.#conclude());
  }

  /** Ends the connection and reports why. If the peer is still there, FIN goes out first, since a reset could overtake the alert. */
  #conclude(): void {
    const events = this.#takeEvents();
    const failure = this.#failure as HandshakeFailure;
    if (events === undefined) return;
    if (failure.reason !== "closed") this.#layer.socket.shutdownWrite();
    this.#layer.abandon();
    events.onHandshakeFailed(failure);
  }

  #takeEvents(): HandshakeEvents | undefined {
    const events = this.#events;
    this.#events = undefined;
    return events;
  }
}
