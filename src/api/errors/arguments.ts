/**
 * Invalid arguments.
 *
 * @module
 */

import { nameOf } from "../own_errors.ts";

/**
 * The address is not `host:port`, `[ipv6]:port`, `unix:/path`, `unix:@name`,
 * `fd:3`, or an equivalent object; or the path of a Unix socket is too long or
 * names a folder.
 */
export class InvalidAddressError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidAddressError });
}

/** An option is out of range. */
export class InvalidOptionError extends RangeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidOptionError });
}

/** A certificate, key or passphrase is missing, empty, or unusable. */
export class InvalidCredentialError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidCredentialError });
}

/** The callback is not a function. */
export class InvalidCallbackError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidCallbackError });
}

/**
 * The argument is not what the function takes, such as no runtime or no
 * statistics.
 */
export class InvalidArgumentError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidArgumentError });
}

/** The reactor or listener handler lacks its required method. */
export class InvalidReactorError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidReactorError });
}

/**
 * The codec, or an object with its functions, lacks a method, has an invalid
 * `maxFrameSize`, or has a method that returns a promise.
 */
export class InvalidCodecError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidCodecError });
}

/**
 * A handler returned something other than a message result, or a result that
 * does not fit the bytes.
 */
export class InvalidMessageResultError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidMessageResultError });
}

/** The number of messages to read is not a positive integer. */
export class InvalidCreditError extends RangeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidCreditError });
}

/**
 * The argument is not a view of bytes, such as a `Uint8Array`, or the range
 * does not lie within it.
 */
export class InvalidSliceError extends RangeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidSliceError });
}

/** The member for a `ReactorGroup` is not the context of a connection. */
export class InvalidMemberError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidMemberError });
}

/**
 * The default export of a module of reactors is not the result of
 * `defineReactors`.
 */
export class InvalidModuleError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidModuleError });
}

/** The name of a reactor is not a string. */
export class InvalidNameError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidNameError });
}
