import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  DefaultTcpListenerHandler,
  type ListenOptions,
  ReactRuntime,
  SimNetwork,
  type Socket,
} from "../../mod.ts";
import { listenSettings } from "../../src/api/options/listen.ts";
import { AcceptRate } from "../../src/core/accept_rate.ts";
import { loadAll } from "../../src/core/load_all.ts";
import { Admission, hasLimits } from "../../src/core/admission.ts";
import { networkOf, unmapped } from "../../src/util/networks.ts";
import { quietly, sink } from "../conformance/support.ts";
import { tcp } from "../support/tcp.ts";

describe("the network of an address", () => {
  const networks: [address: string, network: string][] = [
    ["127.0.0.1", "127.0.0.1"],
    ["::ffff:127.0.0.1", "127.0.0.1"],
    ["::ffff:7f00:1", "127.0.0.1"],
    ["0:0:0:0:0:ffff:192.0.2.255", "192.0.2.255"],
    ["::1", "0:0:0:0::/64"],
    ["::", "0:0:0:0::/64"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::", "2001:db8:1:2::/64"],
    ["2001:DB8:1:2::ffff", "2001:db8:1:2::/64"],
    ["2001:db8::5", "2001:db8:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["::1.2.3.4", "0:0:0:0::/64"],
    ["localhost", "localhost"],
  ];
  for (const [address, network] of networks) {
    it(`of ${address} is ${network}`, () =>
      assert.equal(networkOf(address), network));
  }

  it("an IPv4 address is told from one of IPv6 that only ends alike", () => {
    assert.equal(unmapped("::fffe:127.0.0.1"), "::fffe:127.0.0.1");
    assert.equal(unmapped("1::ffff:127.0.0.1"), "1::ffff:127.0.0.1");
  });
});

describe("an accept rate", () => {
  const fixture = (perSecond: number, burst: number) => {
    let now = 0;
    const rate = new AcceptRate(perSecond, burst, () => now);
    return {
      pass: (ms: number) => void (now += ms),
      take(count: number): number {
        let taken = 0;
        for (let i = 0; i < count; i++) if (rate.take()) taken++;
        return taken;
      },
    };
  };

  it("lets its burst in at once, and not one more", () => {
    for (const burst of [1, 3, 1000]) {
      assert.equal(fixture(7, burst).take(2 * burst), burst);
    }
  });

  it("gives a token back for each part of a second, to the millisecond", () => {
    const { pass, take } = fixture(10, 5);
    assert.equal(take(10), 5);
    pass(99);
    assert.equal(take(10), 0);
    pass(1);
    assert.equal(take(10), 1);
    pass(250);
    assert.equal(take(10), 2);
    pass(50);
    assert.equal(take(10), 1);
  });

  it("never holds more than the burst", () => {
    const { pass, take } = fixture(10, 5);
    take(5);
    pass(3_600_000);
    assert.equal(take(10), 5);
  });

  it("lets as many in as it says in the long run, also where a second has no whole parts", () => {
    for (const perSecond of [1, 3, 7, 997, 1.5]) {
      const { pass, take } = fixture(perSecond, 2);
      let count = 0;
      for (let ms = 0; ms < 10_000; ms += 0.25) {
        count += take(1);
        pass(0.25);
      }
      assert.ok(
        Math.abs(count - 10 * perSecond) <= 2,
        `${count} of ${10 * perSecond}`,
      );
    }
  });
});

const socketOf = (hostname: string) =>
  ({ remoteAddress: tcp(hostname, 4000) }) as unknown as Socket;

describe("an Admission", () => {
  const admissionWith = (options: ListenOptions) => {
    loadAll();
    return new Admission(listenSettings(options), () => 0);
  };

  it("counts by address, that of IPv6 by its network, and forgets who is gone", () => {
    const admission = admissionWith({ maxConnectionsPerAddress: 2 });
    const enter = (hostname: string) => {
      const network = admission.networkOf(socketOf(hostname));
      const refusal = admission.refusal(network);
      if (refusal === undefined) admission.enter(network);
      return refusal;
    };
    const tooMany = "maxConnectionsPerAddress";
    assert.equal(enter("2001:db8::1"), undefined);
    assert.equal(enter("2001:db8::2"), undefined);
    assert.equal(enter("2001:db8::3"), tooMany);
    assert.equal(enter("2001:db8:0:1::1"), undefined, "another network");
    assert.equal(enter("10.0.0.1"), undefined);
    assert.equal(enter("::ffff:10.0.0.1"), undefined);
    assert.equal(enter("10.0.0.1"), tooMany);
    assert.equal(enter("10.0.0.2"), undefined);
    admission.leave(admission.networkOf(socketOf("2001:db8::9")));
    assert.equal(enter("2001:db8::3"), undefined);
    assert.equal(admission.openCount, 6);
  });

  it("limits no address that is not known, and asks for none if nothing is limited by it", () => {
    const limited = admissionWith({ maxConnectionsPerAddress: 1 });
    const unknown = {
      remoteAddress: { transport: "unknown" },
    } as unknown as Socket;
    for (let i = 0; i < 3; i++) {
      const network = limited.networkOf(unknown);
      assert.equal(limited.refusal(network), undefined);
      limited.enter(network);
    }
    const unread = {
      get remoteAddress() {
        return assert.fail("it is asked");
      },
    } as unknown as Socket;
    for (const maxConnectionsPerAddress of [undefined, 10, 11]) {
      const admission = admissionWith({
        maxConnections: 10,
        maxConnectionsPerAddress,
      });
      assert.equal(admission.networkOf(unread), undefined);
    }
  });

  it("has other limits only if an option asks for one: nothing is loaded for them else", () => {
    const cases: [ListenOptions, boolean][] = [
      [{}, false],
      [{ maxConnections: 1 }, false],
      [{ maxConnections: 10, maxConnectionsPerAddress: 10 }, false],
      [{ acceptBurst: 5 }, false],
      [{ maxConnections: 10, maxConnectionsPerAddress: 9 }, true],
      [{ acceptsPerSecond: 1e6 }, true],
    ];
    for (const [options, expected] of cases) {
      assert.equal(hasLimits(listenSettings(options)), expected);
    }
  });

  it("counts for the rate only who is let in by the other limits", () => {
    const admission = admissionWith({
      maxConnectionsPerAddress: 1,
      acceptsPerSecond: 2,
    });
    const enter = (hostname: string) => {
      const network = admission.networkOf(socketOf(hostname));
      const refusal = admission.refusal(network);
      if (refusal === undefined) admission.enter(network);
      return refusal;
    };
    assert.equal(enter("10.0.0.1"), undefined);
    for (let i = 0; i < 10; i++) {
      assert.equal(enter("10.0.0.1"), "maxConnectionsPerAddress");
    }
    assert.equal(enter("10.0.0.2"), undefined);
    assert.equal(enter("10.0.0.3"), "acceptsPerSecond");
  });
});

describe("limits of a listener, on virtual time", () => {
  it("an address that has its fill keeps nobody else out, and a rate recovers", () =>
    quietly(async () => {
      const network = new SimNetwork({ latencyMs: 1, jitterMs: 0 });
      const server = new ReactRuntime({
        adapter: network.host("server").adapter,
      });
      const listener = await server.listen(
        "server:80",
        new DefaultTcpListenerHandler(() => sink()),
        { maxConnectionsPerAddress: 3, acceptsPerSecond: 4, acceptBurst: 5 },
      );
      const clients = ["greedy", "modest"].map((name) =>
        new ReactRuntime({ adapter: network.host(name).adapter })
      );
      const [greedy, modest] = clients;
      for (let i = 0; i < 10; i++) await greedy.connect("server:80", sink());
      for (let i = 0; i < 3; i++) await modest.connect("server:80", sink());
      await network.sleep(10);
      assert.equal(listener.connectionCount, 5);
      assert.equal(listener.dropCounts.maxConnectionsPerAddress, 7);
      assert.equal(listener.dropCounts.acceptsPerSecond, 1);
      await network.sleep(250);
      await modest.connect("server:80", sink());
      await network.sleep(10);
      assert.equal(listener.connectionCount, 6);
      assert.equal(listener.dropCount, 8);
      for (const runtime of [...clients, server]) await runtime.stop();
    }));
});
