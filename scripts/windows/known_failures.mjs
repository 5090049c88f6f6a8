// @ts-check

/**
 * @typedef {object} KnownFailure
 * @property {string} why How Wine differs from Windows.
 * @property {{ [runtime: string]: string[] }} tests The tests that fail because
 *   of it, by runtime.
 */

/**
 * Tests that fail under Wine, but should not on Windows. If one of them passes,
 * that is reported, because Wine may have been fixed.
 *
 * @type {KnownFailure[]}
 */
export const KNOWN_FAILURES = [
  {
    why:
      "a send is told to be out, and a part of it is lost, if the peer's FIN comes while it is under way (a program of node:net alone loses the same bytes), or if the socket is closed before the peer has taken all",
    tests: {
      node: [
        "node: half-close > with onPeerEnd a connection stays half open: 16 MiB both ways, both ends cleanly",
      ],
      deno: [
        "deno: half-close > after a peer's FIN the 16 MiB that are queued go out to it, then our FIN",
        "deno: half-close > with onPeerEnd a connection stays half open: 16 MiB both ways, both ends cleanly",
        "node: half-close > after a peer's FIN the 16 MiB that are queued go out to it, then our FIN",
        "node: half-close > with onPeerEnd a connection stays half open: 16 MiB both ways, both ends cleanly",
        "relayed deno: half-close > with onPeerEnd a connection stays half open: 16 MiB both ways, both ends cleanly",
      ],
      bun: [
        "bun: half-close > after a peer's FIN the 16 MiB that are queued go out to it, then our FIN",
        "bun: half-close > with onPeerEnd a connection stays half open: 16 MiB both ways, both ends cleanly",
        "bun: closing > the peer's FIN closes a reactor gracefully, after what is queued is out",
        "node: half-close > after a peer's FIN the 16 MiB that are queued go out to it, then our FIN",
        "node: half-close > with onPeerEnd a connection stays half open: 16 MiB both ways, both ends cleanly",
        "node: closing > the peer's FIN closes a reactor gracefully, after what is queued is out",
        "relayed bun: half-close > with onPeerEnd a connection stays half open: 16 MiB both ways, both ends cleanly",
      ],
    },
  },
  {
    why:
      "a connect fails if keep-alive was asked for before it was through (node:net's setKeepAlive alone does that), and Node's fetch does that",
    tests: {
      node: [
        "the command reactio > is told by an inspector what it shows, if it has the token",
        "the command reactio > says so if something else answers than an inspector",
      ],
    },
  },
  {
    why:
      "a connect that was refused looks connected to Bun, which asks in a way of its own, and then closed",
    tests: {
      bun: [
        "bun: transfer > serves a host name, and both ends know the addresses it stands for",
        "bun: opening > a throw in onStartListen fails the listen with that very error and closes the listener",
        "bun: opening > a closed listener leaves its connections open, and its port can be listened on again",
        "bun: failures > a connect where nobody listens fails with ConnectionRefusedError",
        "bun: failures > a connect to port 0 fails with ConnectError",
        "node: opening > a throw in onStartListen fails the listen with that very error and closes the listener",
        "node: opening > a closed listener leaves its connections open, and its port can be listened on again",
        "node: failures > a connect where nobody listens fails with ConnectionRefusedError",
        "node: failures > a connect to port 0 fails with ConnectError",
        "relayed bun: transfer > serves a host name, and both ends know the addresses it stands for",
        "a relay > that is closed frees its address; connections live on until they end",
        "the soak > of some seconds verifies every byte under faults, and no promise is broken",
        "commands between threads > completions come to the thread that sent, with the error's class, message and cause",
        "one port for all threads > close frees the port, and leaves the connections alone",
      ],
    },
  },
  {
    why:
      "its server takes seconds to tell Deno of 2,000 sockets, and closeTimeoutMs counts on",
    tests: {
      deno: [
        "deno: transfer > serves 1000 connections at once, each with its own bytes, and closes them all",
        "relayed deno: transfer > serves 200 connections at once, each with its own bytes, and closes them all",
      ],
    },
  },
  {
    why:
      "threads take long to start, many of them longer than the limit of a test on Bun, and the next test measures what goes on",
    tests: {
      bun: [
        "the end of threads > starts and stops leave nothing behind: no manager, and not 1 MiB of memory each",
        "the end of threads > an idle manager costs no processor time",
      ],
    },
  },
  {
    why:
      "Bun lists a folder no deeper than one level, however deep it is asked to go",
    tests: {
      bun: [
        "ARCHITECTURE.md allows no import that nobody needs",
        "what is outside of the library is touched only where ARCHITECTURE.md says",
      ],
    },
  },
  {
    why: "Bun prints an internal error when it begins",
    tests: {
      bun: ["the simulation's program > says how many runs went well"],
    },
  },
];
