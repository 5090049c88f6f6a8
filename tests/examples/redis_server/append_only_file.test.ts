import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, describe, it } from "node:test";
import { AppendOnlyFile } from "../../../examples/redis_server/append_only/append_only_file.ts";
import { crc32 } from "../../../examples/redis_server/append_only/crc32.ts";
import { DamagedFileError } from "../../../examples/redis_server/append_only/load.ts";
import { bytesOf } from "../../../examples/redis_server/bytes.ts";
import { type LogRecord, setLogSink } from "../../../mod.ts";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "reactio-redis-"));
const file = path.join(folder, "file");
after(() => fs.rmSync(folder, { recursive: true }));

/** Opens the file; returns what was in it. */
function open(): { log: AppendOnlyFile; requests: string[]; turn: () => void } {
  const requests: string[] = [];
  let turn = () => {};
  const log = new AppendOnlyFile(
    file,
    (args) => void requests.push(args.join(" ")),
    {
      policy: "always",
      defer: (callback) => turn = callback,
      onFailure: (error) => assert.fail(error),
      onWritten: () => {},
    },
  );
  return { log, requests, turn: () => turn() };
}

/** What is in the file. */
function read(): string[] {
  const { log, requests } = open();
  log.close();
  return requests;
}

/** Writes a batch; returns the size of the file. */
function write(...keys: string[]): number {
  const { log } = open();
  for (const key of keys) log.append(0, ["SET", key, "\0\r\n\xff"]);
  log.close();
  return fs.statSync(file).size;
}

describe("an append-only file", () => {
  it("has checksums as gzip has them", () => {
    assert.equal(crc32(bytesOf("123456789")), 0xcbf43926);
  });

  it("has what a turn has changed written at once, and what is told to wait till then", () => {
    fs.rmSync(file, { force: true });
    const { log, turn } = open();
    log.append(0, ["SET", "a", "1"]);
    log.append(3, ["SET", "b", "2"]);
    assert.ok(log.isPending);
    assert.equal(fs.statSync(file).size, 0);
    turn();
    assert.ok(!log.isPending);
    log.close();
    assert.deepEqual(read(), ["SELECT 0", "SET a 1", "SELECT 3", "SET b 2"]);
  });

  it("that is written anew goes on in the database of what follows", () => {
    fs.rmSync(file, { force: true });
    const { log, turn } = open();
    log.append(0, ["SET", "a", "1"]);
    log.rewrite([[0, ["SET", "a", "1"]], [3, ["SET", "b", "2"]]]);
    log.append(0, ["SET", "c", "3"]);
    turn();
    log.close();
    assert.deepEqual(read(), [
      ...["SELECT 0", "SET a 1", "SELECT 3", "SET b 2"],
      ...["SELECT 0", "SET c 3"],
    ]);
  });

  it("that was not written to its end is cut, wherever that is, and says so", () => {
    fs.rmSync(file, { force: true });
    const whole = write("a", "b");
    const size = write("c", "d");
    const bytes = fs.readFileSync(file);
    const expected = read().slice(0, 3);
    const logged: string[] = [];
    const before = setLogSink((record: LogRecord) =>
      void logged.push(record.parts.join(" "))
    );
    try {
      for (let length = whole + 1; length < size; length++) {
        logged.length = 0;
        fs.writeFileSync(file, bytes.subarray(0, length));
        assert.deepEqual(read(), expected, `${length} bytes`);
        assert.equal(fs.statSync(file).size, whole);
        assert.match(
          logged.join(),
          new RegExp(`cut the last ${length - whole} b`),
        );
      }
    } finally {
      setLogSink(before);
    }
    write("e");
    assert.equal(read().at(-1), "SET e \0\r\n\xff");
  });

  it("that is damaged anywhere is refused, and left as it is", () => {
    fs.rmSync(file, { force: true });
    write("a");
    write("b", "c");
    const bytes = fs.readFileSync(file);
    for (let at = 0; at < bytes.length; at++) {
      for (const bit of [0x01, 0x10, 0x80]) {
        const damaged = Uint8Array.from(bytes);
        damaged[at] ^= bit;
        fs.writeFileSync(file, damaged);
        assert.throws(open, DamagedFileError, `byte ${at}`);
        assert.deepEqual(new Uint8Array(fs.readFileSync(file)), damaged);
      }
    }
    fs.writeFileSync(file, "*1\r\n$4\r\nPING\r\n");
    assert.throws(open, /damaged at byte 0/);
  });

  it("is read in pieces", () => {
    fs.rmSync(file, { force: true });
    const { log } = open();
    const value = "x".repeat(300_000);
    for (let i = 0; i < 20; i++) {
      log.append(0, ["SET", `k${i}`, value]);
      log.commit();
    }
    log.close();
    const found = read();
    assert.equal(found.length, 21);
    assert.equal(found.at(-1), `SET k19 ${value}`);
  });

  it("that cannot be written anew says so, and goes on as it is", () => {
    fs.rmSync(file, { force: true });
    const { log } = open();
    log.append(0, ["SET", "a", "1"]);
    fs.mkdirSync(`${file}.new`); // in the way
    try {
      assert.throws(() => log.rewrite([[0, ["SET", "b", "2"]]]), (error) => {
        const { message, cause } = error as Error;
        return message.startsWith(`Cannot rewrite ${file}: `) &&
          cause instanceof Error;
      });
    } finally {
      fs.rmdirSync(`${file}.new`);
    }
    log.append(0, ["SET", "c", "3"]);
    log.close();
    assert.deepEqual(read(), ["SELECT 0", "SET a 1", "SET c 3"]);
  });
});
