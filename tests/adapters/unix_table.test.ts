import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ownedPaths } from "../../src/adapters/unix_table.ts";

const TABLE = `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 18101 /run/a b.sock
0000000000000000: 00000003 00000000 00000000 0001 03 18102 /run/accepted.sock
0000000000000000: 00000003 00000000 00000000 0001 03 18103
0000000000000000: 00000002 00000000 00000000 0001 01   104 /run/bound.sock
0000000000000000: 00000002 00000000 00000000 0002 01 18105 /run/datagrams.sock
0000000000000000: 00000002 00000000 00010000 0005 01 18106 @packets
`;

describe("the sockets that are open", () => {
  it("are those that accept or may do so yet, and those of datagrams, if they have a path", () => {
    assert.deepEqual(ownedPaths(TABLE), [
      "/run/a b.sock",
      "/run/bound.sock",
      "/run/datagrams.sock",
      "@packets",
    ]);
    assert.deepEqual(ownedPaths(""), []);
  });
});
