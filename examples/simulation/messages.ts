import { type Codec, lines, messageCodec } from "../../mod.ts";

/** Asks a bank to add to an account. A repeated deposit has the same id. */
export interface Deposit {
  readonly id: string;
  readonly account: string;
  readonly amount: number;
}

/** A bank's answer: the deposit is safe. */
export interface Receipt {
  readonly id: string;
  /** The balance of the account now. */
  readonly balance: number;
}

/** What a bank receives and sends. */
export const BANK: Codec<Deposit, Receipt> = linesOfJson();

/** What its customers receive and send. */
export const CUSTOMER: Codec<Receipt, Deposit> = linesOfJson();

function linesOfJson<Received, Sent>(): Codec<Received, Sent> {
  return messageCodec<Received, Sent>(lines(), {
    decode: (reader) => JSON.parse(reader.readText()),
    encode: (message, writer) => void writer.writeText(JSON.stringify(message)),
  });
}
