/**
 * What a caller has given is not what is asked for.
 *
 * @module
 */

import { nameOf } from "../own_errors.ts";

/** An address that is not `host:port`, `[ipv6]:port`, `unix:/path`, `unix:@name`, `fd:3`, or an object that says the same; or the path of a Unix socket that is too long or names a folder. */
export class InvalidAddressError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidAddressError });
}

/** An option outside its range. */
export class InvalidOptionError extends RangeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidOptionError });
}

/** A certificate, key or passphrase that is missing, empty, or cannot be used. */
export class InvalidCredentialError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidCredentialError });
}

/** What was given to be called is not a function. */
export class InvalidCallbackError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidCallbackError });
}

/** What was given as a reactor or listener handler lacks its one required method. */
export class InvalidReactorError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidReactorError });
}

/** What was given as a codec, or as the functions of one, lacks one of its methods, has no `maxFrameSize` that can be used, or has a method that returns a promise. */
export class InvalidCodecError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidCodecError });
}

/** A handler returned something other than a message result, or one that cannot be carried out. */
export class InvalidMessageResultError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidMessageResultError });
}

/** What was given as a number of messages to read is not an integer from 1 up. */
export class InvalidCreditError extends RangeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidCreditError });
}

/** What was to be sent is not a view of bytes, such as a `Uint8Array`, or does not lie within the one that was given. */
export class InvalidSliceError extends RangeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidSliceError });
}

/** What was given as a member of a `ReactorGroup` is not the context of a connection. */
export class InvalidMemberError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidMemberError });
}

/** A module of reactors does not export by default what `defineReactors` returns. */
export class InvalidModuleError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidModuleError });
}

/** What was given as the name of a reactor is no string. */
export class InvalidNameError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidNameError });
}
