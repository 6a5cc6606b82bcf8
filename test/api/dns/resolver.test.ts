import { type Answer, encode } from 'dns-packet';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeReply } from '../../../api/dns/message.ts';
import { parseServer, Resolver } from '../../../api/dns/resolver.ts';
import { dnsSockets } from '../../../api/dns/transport.node.ts';
import { a, cname, type Internet, ns, startInternet, txt } from '../domains/name-servers.ts';

const NAME = '_gatehouse.shop.test';
let net: Internet;
beforeAll(async () => {
  net = await startInternet();
});
afterAll(() => net.stop());

/** Returns what each server answered, or why the lookup is undecided. */
async function ask(name = NAME, roots = [{ address: '127.0.0.1', port: net.root.port }], transport = dnsSockets) {
  const found = await new Resolver(transport, roots)
    .authoritative({ name, type: 'TXT' })
    .catch((error: Error) => error);
  if (found instanceof Error) return found.message;
  return found.answers.map(({ message }) => message.answers.map(({ value }) => value).join()).sort();
}

describe('a lookup', () => {
  it('follows referrals from the root, and asks all servers of the zone', async () => {
    net.set(txt(NAME, 'one'));
    expect(await ask()).toEqual(['one', 'one', 'one']);
    expect(await ask('_gatehouse.absent.shop.test')).toEqual(['', '', '']);
    expect(await ask('_gatehouse.absent.test')).toEqual(['']);
    expect(await ask('_gatehouse.absent.example')).toEqual(['']);
  });

  it('reports every answer when servers lie or are behind', async () => {
    net.set(txt(NAME, 'one'));
    net.own[1]!.zones = [{ name: 'shop.test', records: [txt(NAME, 'two')] }];
    expect(await ask()).toEqual(['one', 'one', 'two']);
  });

  it.each([
    ['SERVFAIL', ['one', 'one']],
    // An answer without authority comes from a cache, or from a server that lost the zone.
    ['cached', ['one', 'one']],
    ['truncates', ['one', 'one', 'one']],
    ['forged first', ['one', 'one', 'one']],
  ] as const)('with a server that has the fault %s', async (fault, expected) => {
    net.set(txt(NAME, 'one'));
    net.own[0]!.fault = fault;
    expect(await ask()).toEqual(expected);
  });

  it('uses TCP when no packet arrives, or none with the letters of the question', async () => {
    net.set(txt(NAME, 'one'));
    net.own[0]!.fault = 'silent UDP';
    net.own[1]!.fault = 'lower case';
    expect(await ask()).toEqual(['one', 'one', 'one']);
  });

  it('needs the answers of two servers', async () => {
    net.set(txt(NAME, 'one'));
    for (const server of net.own.slice(1)) server.fault = 'SERVFAIL';
    expect(await ask()).toMatch(/only 1 name server of shop.test answered: ns[23].shop.test answers with an error/);
    for (const server of net.own) server.fault = 'cached';
    expect(await ask()).toMatch(/no name server of shop.test answered: ns\d.shop.test is not authoritative/);
  });

  it('resolves name servers of other zones, and takes no addresses for them from others', async () => {
    net.set(txt(NAME, 'one'), a('dns.shop.test', net.own[0]!.address));
    const { zones } = net.tld;
    const records = [...zones[0]!.records, ns('other.test', 'dns.shop.test'), a('ns1.lone.test', '127.0.0.3')];
    // The zone names servers that lead to each other, and of one that is below it without an address.
    records.push(ns('loop.test', 'ns.pool.test'), ns('pool.test', 'ns.loop.test'));
    net.tld.zones = [{ name: 'test', records }];
    net.own[0]!.zones.push({ name: 'other.test', records: [txt('other.test', 'hosted')] });
    expect(await ask('other.test')).toEqual(['hosted']);
    expect(await ask('loop.test')).toContain('no name server of loop.test answered');
    // The servers of shop.test say where those of another zone are.
    net.own[0]!.zones = [
      { name: 'shop.test', records: [ns('sub.shop.test', 'ns.far.test'), a('ns.far.test', '127.0.0.4')] },
    ];
    for (const server of net.own.slice(1)) server.zones = net.own[0]!.zones;
    expect(await ask('sub.shop.test')).toContain('no name server of sub.shop.test answered');
    net.tld.zones = zones;
  });

  it('keeps the answer of a server of the zone above beside the referral of another', async () => {
    // Two servers of `test`, one of which answers for shop.test itself: a forged referral cannot hide its answer.
    net.set(txt(NAME, 'one'));
    const { zones } = net.root;
    net.root.zones = [
      { name: '', records: [...zones[0]!.records, ns('test', 'ns2.nic.test'), a('ns2.nic.test', '127.0.0.5')] },
    ];
    net.own[2]!.zones.push({ name: 'test', records: [txt(NAME, 'above')] });
    net.own[2]!.zones = net.own[2]!.zones.filter(({ name }) => name === 'test');
    expect(await ask()).toContain('above');
    net.root.zones = zones;
  });

  it('sends a limited number of queries, whatever a domain names', async () => {
    const before = net.tld.asked;
    net.tld.zones[0]!.records.push(
      ...Array.from({ length: 30 }, (_, i) => ns('many.test', `ns.z${i}.test`)),
      ...Array.from({ length: 30 }, (_, i) => ns(`z${i}.test`, `a.z${(i + 1) % 30}.test`)),
    );
    expect(await ask('many.test')).toContain('no name server of many.test answered');
    expect(net.tld.asked - before).toBeLessThan(200);
  });

  it('asks no server in a private network when it begins at the root servers of the internet', async () => {
    const asked: string[] = [];
    const transport = {
      tcp: async ({ address }: { address: string }, query: Uint8Array) => {
        asked.push(address);
        const id = (query[0]! << 8) | query[1]!;
        const questions = [{ type: 'TXT', name: NAME } as const];
        const authorities = [ns('shop.test', 'ns.shop.test')];
        const additionals = ['10.0.0.1', '127.0.0.1', '169.254.169.254'].map((each) => a('ns.shop.test', each));
        return encode({ type: 'response', id, questions, authorities, additionals });
      },
    };
    expect(await ask(NAME, [], transport)).toContain('no name server of shop.test answered');
    expect(asked.every((each) => !/^(10|127|169)\./.test(each))).toBe(true);
    expect(asked.length).toBeGreaterThan(0);
  });
});

describe('a message', () => {
  it('is decoded as another implementation encodes it', () => {
    const records: Answer[] = [
      txt('a.test', 'text'),
      { type: 'TXT', name: 'b.test', data: ['two ', 'parts'], ttl: 1 },
      cname('c.test', 'A.b.test'),
      a('d.test', '10.0.0.1'),
      { type: 'AAAA', name: 'e.test', data: 'fd00::1', ttl: 1 },
      { type: 'MX', name: 'f.test', data: { exchange: 'x.test', preference: 1 }, ttl: 1 },
    ];
    const decoded = decodeReply(
      encode({ type: 'response', questions: [{ type: 'TXT', name: 'a.test' }], answers: records }),
    );
    expect(decoded!.answers.map(({ value }) => value)).toEqual([
      'text',
      'two parts',
      'a.b.test',
      '10.0.0.1',
      'fd00::1',
    ]);
  });

  it('of any bytes is decoded or rejected', () => {
    const whole = encode({
      type: 'response',
      questions: [{ type: 'TXT', name: NAME }],
      answers: [txt(NAME, 'one'), cname(NAME, 'x.test')],
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length), fc.nat(255)), { maxLength: 8 }),
        fc.nat(whole.length),
        (changes, length) => {
          const bytes = Uint8Array.from(whole);
          for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
          const decoded = decodeReply(bytes.subarray(0, length));
          expect(decoded === undefined || Array.isArray(decoded.answers)).toBe(true);
        },
      ),
      { numRuns: 2000, seed: 1 },
    );
  });

  it.each([
    ['127.0.0.1', { address: '127.0.0.1', port: 53 }],
    ['127.0.0.1:5300', { address: '127.0.0.1', port: 5300 }],
    ['[::1]:5300', { address: '::1', port: 5300 }],
    ['fd00::1', { address: 'fd00::1', port: 53 }],
    ['ns.example.com', undefined],
    ['127.0.0.1:x', undefined],
  ])('%s is the address of a server: %j', (text, expected) => expect(parseServer(text)).toEqual(expected));
});
