import { afterEach, beforeEach, expect, it } from 'vitest';
import { Authority } from '../e2e/authority.ts';
import { until } from '../e2e/process.ts';
import { DeltaClient } from '../xds/client.ts';
import { TYPES } from '../xds/types.ts';
import { Feed } from './feed.ts';

const fleet = {
  name: 'edge',
  labels: { ingress: 'public' },
  address: '127.0.0.1',
  ports: [{ number: 443, bind: 10443, protocol: 'HTTPS' as const }],
};

let feed: Feed;
let client: DeltaClient | undefined;
beforeEach(async () => {
  const { certificateChain, privateKey } = await (await Authority.create()).issue('*.a.test');
  feed = await Feed.start(fleet, {}, { serverNames: 2 });
  const server = {
    port: { number: 443, name: 'https', protocol: 'HTTPS' as const },
    hosts: ['*.a.test'],
    tls: { mode: 'SIMPLE' as const, credentialName: 'own' },
  };
  const gateways = { web: { selector: { ingress: 'public' }, servers: [server] } };
  feed.tell('a', { gateways, certificates: { own: { certificateChain } } }, { own: privateKey });
  await until('the certificate', async () => {
    client?.close();
    client = new DeltaClient(feed.agent.xds);
    client.ask(TYPES.secret, { subscribe: ['WWW.a.test'] });
    return (await client.next()).resources.length === 1;
  });
});
afterEach(async () => {
  client?.close();
  await feed.stop();
});

it.each(['ca/www.a.test', 'sni/www.a.test', 'policy/acme/www.a.test', 'a b.a.test', 'a\0.a.test'])(
  'the wildcard certificate is not served under %j, which is no server name',
  async (name) => {
    client!.ask(TYPES.secret, { subscribe: [name] });
    expect(await client!.next()).toMatchObject({ typeUrl: TYPES.secret, resources: [], removedResources: [name] });
  },
);

it('a client that reconnects with more server names than the limit loses some of them', async () => {
  const own = new DeltaClient(feed.agent.xds);
  own.ask(TYPES.secret, { subscribe: ['x0.a.test'] });
  const { version } = (await own.next()).resources[0]!;
  own.close();

  client!.close();
  client = new DeltaClient(feed.agent.xds);
  const names = ['x1.a.test', 'x2.a.test', 'x3.a.test', 'x4.a.test'];
  client.ask(TYPES.secret, {
    subscribe: names,
    have: Object.fromEntries(names.map((name) => [name, version])),
  });
  const removed = [...(await client.next()).removedResources, ...(await client.next()).removedResources];
  expect(removed).toEqual(['x1.a.test', 'x2.a.test']);
});
