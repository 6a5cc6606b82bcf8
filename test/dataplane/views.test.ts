import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { viewOf } from '../../dataplane/serve/views/index.ts';
import { DeltaClient, SotwClient } from '../xds/client.ts';
import { TYPES } from '../xds/types.ts';
import { Feed } from './feed.ts';

describe('the role of a client', () => {
  it.each([
    ['envoy/1.40.0', true, 'edge'],
    ['gRPC Go/1.66.0', false, 'proxyless'],
    ['gRPC C-core linux/1.60.0', false, 'proxyless'],
    ['grpc-java', false, 'proxyless'],
    // The role of other clients depends on their first subscription.
    ['', false, 'edge'],
    ['own/1', false, 'edge'],
    ['own/1', true, 'proxyless'],
  ])('%j, whose first subscription names listeners: %j → %s', (userAgent, namesListeners, role) => {
    expect(viewOf({ userAgent }, namesListeners).role).toBe(role);
  });
});

describe('a request for names of another role', () => {
  const fleet = {
    name: 'edge',
    labels: { ingress: 'public' },
    address: '127.0.0.1',
    ports: [{ number: 80, bind: 10080, protocol: 'HTTP' as const }],
  };
  const server = { port: { number: 80, name: 'http', protocol: 'HTTP' as const }, hosts: ['a.test'] };
  const document = {
    gateways: { web: { selector: { ingress: 'public' }, servers: [server] } },
    routes: { app: { hosts: ['a.test'], gateways: ['web'], http: [{ directResponse: { status: 200, body: 'a' } }] } },
  };
  let feed: Feed;
  let client: DeltaClient | SotwClient | undefined;
  beforeEach(async () => {
    feed = await Feed.start(fleet, { acme: document });
  });
  afterEach(async () => {
    client?.close();
    await feed.stop();
  });

  it('an Envoy that requests names of gRPC clients gets no listener, and routes that answer 404', async () => {
    const envoy = (client = new DeltaClient(feed.agent.xds));
    envoy.ask(TYPES.listener, { subscribe: ['a.test'] });
    expect(await envoy.next()).toMatchObject({ resources: [], removedResources: ['a.test'] });
    envoy.ask(TYPES.routes, { subscribe: ['grpc|80|a.test'] });
    expect((await envoy.next()).resources).toMatchObject([{ name: 'grpc|80|a.test', version: 'nothing' }]);
  });

  it('a gRPC client that requests names of Envoys gets no scope', async () => {
    const grpc = (client = new SotwClient(feed.agent.xds));
    grpc.ask(TYPES.scope);
    expect(await grpc.next()).toMatchObject({ typeUrl: TYPES.scope, resources: [] });
    grpc.ask(TYPES.listener, { names: ['a.test'] });
    const { typeUrl, resources } = await grpc.next();
    expect([typeUrl, resources.length]).toEqual([TYPES.listener, 1]);
  });
});
