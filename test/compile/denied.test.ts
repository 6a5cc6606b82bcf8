import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, test } from 'vitest';
import { cluster, endpoints } from '../../dataplane/compile/index.ts';
import { mirrorName } from '../../dataplane/compile/values/names.ts';
import { RBAC } from '../../dataplane/envoy/gen/envoy/extensions/filters/http/rbac/v3/rbac.ts';
import { HttpProtocolOptions } from '../../dataplane/envoy/gen/envoy/extensions/upstreams/http/v3/http_protocol_options.ts';
import { Configuration } from '../../model/configuration.ts';
import { rangeContaining, withAliases } from '../../model/values/cidr.ts';

const upstreams = (...addresses: string[]) => upstreamWith({}, addresses);
const logical = (address: string) => upstreamWith({ dns: 'logical' }, [address]);
const upstreamWith = (more: { dns?: 'logical' }, addresses: string[]) =>
  Configuration.fromDocument({
    upstreams: {
      web: {
        ...more,
        port: 80,
        endpoints: addresses.map((address) => ({ address, labels: { v: '1' } })),
        subsets: [{ name: 'v1', labels: { v: '1' } }],
      },
    },
  });

const addressesOf = (assignment: ReturnType<typeof endpoints>) =>
  (assignment?.endpoints ?? []).flatMap(({ lbEndpoints }) =>
    lbEndpoints.map(({ hostIdentifier }) => {
      const address = hostIdentifier?.$case === 'endpoint' ? hostIdentifier.value.address?.address : undefined;
      return address?.$case === 'socketAddress' ? address.value.address : undefined;
    }),
  );

describe('a fleet that denies ranges', () => {
  const fleet = { denyDestinations: ['127.0.0.0/8', '10.0.0.0/33', 'fd00::/8'] };

  test('has no denied address among the endpoints of an upstream or of a subset', () => {
    const configuration = upstreams('10.0.0.1', '127.0.0.1', '::ffff:7f00:1', 'fd12::1', '2001:db8::1');
    for (const name of ['acme/web', 'acme/web/v1'])
      expect(addressesOf(endpoints(configuration, fleet, name))).toEqual(['10.0.0.1', '2001:db8::1']);
    expect(addressesOf(endpoints(upstreams('127.0.0.1'), fleet, 'acme/web'))).toEqual([]);
  });

  const names: Record<string, string[]> = {
    'a.test': ['10.0.0.1', '127.0.0.1', '::ffff:7f00:1', '0.0.0.0'],
    'denied.test': ['127.0.0.2', '169.254.169.254'],
    'large.test': Array.from({ length: 200 }, (_, n) => `10.1.0.${n}`),
  };
  const resolve = (host: string) => names[host] ?? [];

  test('has no denied address to which a name resolves, whatever uses the upstream', () => {
    const denying = { denyDestinations: [...fleet.denyDestinations, '169.254.0.0/16'] };
    const configuration = upstreams('a.test', 'denied.test', 'none.test');
    for (const name of ['acme/web', 'acme/web/v1', mirrorName('acme', 'web')])
      expect(addressesOf(endpoints(configuration, denying, name, [], resolve))).toEqual(['10.0.0.1']);
    expect(addressesOf(endpoints(upstreams('denied.test'), denying, 'acme/web', [], resolve))).toEqual([]);
  });

  test('has registered endpoints after the addresses of names, each address once', () => {
    const registered = ['10.0.0.5', '10.0.0.1', '127.0.0.1'].map((address) => ({ address }));
    expect(addressesOf(endpoints(upstreams('a.test'), fleet, 'acme/web', registered, resolve))).toEqual([
      '10.0.0.1',
      '10.0.0.5',
    ]);
  });

  test('has no socket of Envoy itself, whatever its address is called', () => {
    const own = {
      addresses: ['127.0.0.0/8', '192.0.2.7'],
      ports: [{ number: 80, bind: 8080, protocol: 'HTTP' as const }],
      portRanges: [{ from: 5000, to: 5009, bind: 15_000, protocol: 'TCP' as const }],
    };
    const at = (port: number, address: string) => {
      const configuration = Configuration.fromDocument({ upstreams: { web: { port, endpoints: [{ address }] } } });
      return addressesOf(endpoints(configuration, { own }, 'acme/web', [], () => ['192.0.2.7']));
    };
    for (const address of ['127.0.0.1', '192.0.2.7', '::ffff:192.0.2.7', 'edge.test'])
      expect([8080, 15_000, 15_009, 80, 15_010].map((port) => at(port, address).length)).toEqual([0, 0, 0, 1, 1]);
    expect(at(8080, '192.0.2.8')).toEqual(['192.0.2.8']);
  });

  test('has at most 100 addresses of a name, and 2000 of all names of an upstream', () => {
    const count = (...addresses: string[]) =>
      addressesOf(endpoints(upstreams(...addresses), fleet, 'acme/web', [], resolve)).length;
    expect(count('large.test')).toBe(100);
    expect(count(...Array.from({ length: 999 }, (_, n) => `none-${n}.test`), 'large.test')).toBe(2);
  });

  test('lets Envoy check the addresses of `dns: logical`; no other upstream needs a filter', () => {
    const typeName = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
    const filtersOf = (configuration: Configuration, rules: { denyDestinations: string[] }) => {
      const packed = cluster(configuration, 'acme', rules, 'acme/web').message.typedExtensionProtocolOptions[typeName];
      return packed ? HttpProtocolOptions.decode(packed.value).httpFilters : [];
    };
    expect(filtersOf(upstreams('10.0.0.1'), fleet)).toEqual([]);
    expect(filtersOf(upstreams('10.0.0.1', 'a.test'), fleet)).toEqual([]);
    expect(filtersOf(logical('a.test'), { denyDestinations: [] })).toEqual([]);
    expect(endpoints(logical('a.test'), fleet, 'acme/web', [], resolve)).toBeUndefined();
    const mirror = mirrorName('acme', 'web');
    expect(addressesOf(endpoints(logical('a.test'), fleet, mirror, [], resolve))).toEqual([]);
    const [rbac, codec] = filtersOf(logical('a.test'), fleet);
    expect([rbac!.name, codec!.name]).toEqual(['envoy.filters.http.rbac', 'envoy.filters.http.upstream_codec']);
    const config = rbac!.configType?.$case === 'typedConfig' ? RBAC.decode(rbac!.configType.value.value) : undefined;
    expect(config?.rules?.action).toBe(1);
  });
});

describe('Envoy compares bit by bit, so it gets every range through which an address can be reached:', () => {
  /** The same IPv4 address in each form whose addresses are a range. */
  const forms = ([a, b, c, d]: number[]) => {
    const [high, low] = [(a! << 8) | b!, (c! << 8) | d!].map((group) => group.toString(16));
    return [
      `${a}.${b}.${c}.${d}`,
      `::ffff:${high}:${low}`,
      `::${high}:${low}`,
      `::ffff:0:${high}:${low}`,
      `64:ff9b::${high}:${low}`,
      `2002:${high}:${low}::1`,
    ];
  };
  const isIn = (ranges: ReturnType<typeof withAliases>, form: string): boolean => {
    const ip = ipaddr.parse(form);
    return ranges.some((range) => {
      const base = ipaddr.parse(range.address);
      return base.kind() === ip.kind() && ip.match(base, range.prefix);
    });
  };
  // Loopback and unspecified addresses, and those beside them, are the special cases.
  const byte = fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0, 1, 127, 255));
  const ipv4 = fc.tuple(byte, byte, byte, byte);
  const leads = [
    { lead: '', bits: 0 },
    { lead: '::ffff:', bits: 96 },
    { lead: '::', bits: 96 },
    { lead: '64:ff9b::', bits: 96 },
  ];
  const network = fc
    .tuple(ipv4, fc.constantFrom(...leads), fc.integer({ min: 0, max: 32 }), fc.boolean())
    .map(
      ([address, { lead, bits }, prefix, isWide]) => `${lead}${address.join('.')}/${isWide ? prefix : bits + prefix}`,
    );

  test('for any range', () => {
    fc.assert(
      fc.property(network, ipv4, (cidr, address) => {
        const ranges = withAliases([cidr]);
        for (const form of forms(address))
          expect([form, cidr, isIn(ranges, form)]).toEqual([form, cidr, rangeContaining(form, [cidr]) !== undefined]);
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  test.each([
    ['127.0.0.0/8', '0.0.0.1'],
    ['127.0.0.0/8', '::ffff:0:1'],
    ['64.0.0.0/2', '0.255.255.255'],
    ['::ffff:127.0.0.0/104', '0.0.0.1'],
    ['::ffff:10.0.0.0/104', '64:ff9b::10.0.0.1'],
    ['::ffff:10.0.0.0/104', '2002:a00:1::1'],
    ['::/0', '10.0.0.1'],
  ])('%s: %s', (cidr, address) => {
    expect(rangeContaining(address, [cidr])).toBe(cidr);
    expect(isIn(withAliases([cidr]), address)).toBe(true);
  });

  test('and no invalid one', () => {
    expect(withAliases(['::ffff:10.0.0.0/104'])).toContainEqual({ address: '10.0.0.0', prefix: 8 });
    expect(withAliases(['::/0'])).toContainEqual({ address: '0.0.0.0', prefix: 0 });
    expect(withAliases(['::1'])).toContainEqual({ address: '::', prefix: 128 });
    expect(withAliases(['10.0.0.0/33', 'x'])).toEqual([]);
  });
});
