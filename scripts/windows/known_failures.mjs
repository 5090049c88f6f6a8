// @ts-check

/**
 * @typedef {object} KnownFailure
 * @property {string} why What Wine does otherwise than Windows.
 * @property {{ [runtime: string]: string[] }} tests Those that fail by that.
 */

/**
 * What fails under Wine, and is not expected to on Windows. It is told if one
 * passes: Wine may have been mended.
 *
 * @type {KnownFailure[]}
 */
export const KNOWN_FAILURES = [];
