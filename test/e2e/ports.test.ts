import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { saying } from './configuration.ts';
import { http } from './edge.ts';
import { until } from './process.ts';
import { freePort, Stack } from './stack.ts';

let stack: Stack;
let taken: number;
let free: number;
let holder: Server | undefined;

beforeEach(async () => {
  stack = await Stack.start();
  taken = await freePort();
  free = await freePort();
  holder = await hold(taken);
  await stack.createTenant('a');
});
afterEach(async () => {
  holder?.close();
  await stack?.stop();
});

async function hold(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}
const release = () => new Promise((resolve) => holder!.close(resolve));

const ports = (...more: [number, number][]) =>
  stack.call(`/fleets/${stack.fleet}`, {
    method: 'PATCH',
    headers: { prefer: 'wait=60' },
    body: {
      ports: [
        { number: 80, bind: stack.httpPort, protocol: 'HTTP' },
        { number: 443, bind: stack.httpsPort, protocol: 'HTTPS' },
        ...more.map(([number, bind]) => ({ number, bind, protocol: 'HTTP' })),
      ],
    },
  });

/** One host on each of these ports, with one route. */
const on = (host: string, ...numbers: number[]) => ({
  gateways: {
    web: {
      selector: { ingress: 'public' },
      servers: numbers.map((number) => ({ port: { number, name: `p${number}`, protocol: 'HTTP' }, hosts: [host] })),
    },
  },
  routes: { app: saying(host, 'hello') },
});

const rejections = async () => {
  const { body } = await stack.call(`/fleets/${stack.fleet}/nodes`);
  return body.items[0].rejections;
};
const cannotBind = () => ({
  listener: 'http-8080',
  port: 8080,
  message: expect.stringContaining(`cannot bind '127.0.0.1:${taken}'`),
});
const served = async (port: number, host = 'a.test') => (await http({ port, host })).body === 'hello';

describe('a port that Envoy cannot bind', () => {
  it("is listed on the node with Envoy's message while the other ports work, and is opened once it is free", async () => {
    await ports([8080, taken], [8081, free]);
    await until('the rejection', async () => (await rejections()).length);
    expect(await rejections()).toEqual([cannotBind()]);
    await stack.publish('a', 'configuration', on('a.test', 80, 8081));
    await until('the other ports', async () => (await served(stack.httpPort)) && (await served(free)));
    await stack.publish('a', 'configuration', on('a.test', 80));
    await release();
    await until('the port', async () => (await rejections()).length === 0);
    await stack.publish('a', 'configuration', on('a.test', 8080));
    expect(await served(taken)).toBe(true);
  });

  it('is in the response to a change of ports, and is closed even if its last change was rejected', async () => {
    const state = async (answer: ReturnType<typeof ports>) => (await answer).headers.get('gatehouse-status');
    expect(await state(ports([8080, free]))).toBe('live');
    expect(await state(ports([8080, taken]))).toBe('rejected');
    const labels = { method: 'PATCH', body: { labels: { ingress: 'public', x: 'y' } }, headers: { prefer: 'wait=60' } };
    expect((await stack.call(`/fleets/${stack.fleet}`, labels)).headers.get('gatehouse-status')).toBe('live');
    const connects = () =>
      http({ port: free, host: 'a.test' }).then(
        () => true,
        () => false,
      );
    expect(await connects()).toBe(true);
    expect(await state(ports())).toBe('live');
    await until('the port is closed', async () => !(await connects()));
  });

  it("prevents a tenant's change there from becoming live, with Envoy's message, until it is free", async () => {
    await ports([8080, taken]);
    await until('the rejection', async () => (await rejections()).length);
    const put = (path: string, body: unknown) =>
      stack.call(`/tenants/a/${path}`, { method: 'PUT', body, headers: { prefer: 'wait=60' } });
    const status = async (revision: number) => (await stack.call(`/tenants/a/revisions/${revision}/status`)).body;
    const words = expect.stringContaining('cannot bind');

    expect((await put('configuration', on('a.test', 80, 8080))).headers.get('gatehouse-status')).toBe('rejected');
    expect(await status(1)).toMatchObject({
      state: 'rejected',
      stillRejected: [],
      gateways: [{ name: 'web', reason: words }],
      fleets: [
        {
          nodes: [
            {
              state: 'rejected',
              rejections: [{ resource: 'gateways/web', path: '/servers/1/port/number', message: words }],
            },
          ],
        },
      ],
    });
    const [{ bound }] = (await status(1)).routes[0].hosts;
    expect(bound).toEqual([
      expect.not.objectContaining({ reason: words }),
      expect.objectContaining({ port: 8080, reason: words }),
    ]);

    // Resources on other ports only are live, and the current rejection is listed beside them.
    const other = {
      selector: { ingress: 'public' },
      servers: [{ port: { number: 80, name: 'p', protocol: 'HTTP' }, hosts: ['b.test'] }],
    };
    expect((await put('gateways/other', other)).headers.get('gatehouse-status')).toBe('live');
    expect(
      (await put('routes/other', { ...saying('b.test', 'hello'), gateways: ['other'] })).headers.get(
        'gatehouse-status',
      ),
    ).toBe('live');
    expect(await status(3)).toMatchObject({
      state: 'live',
      stillRejected: [{ revision: 1, resource: 'gateways/web', message: words }],
    });
    // A route that is also bound to the closed port is not live.
    expect((await put('routes/app', saying('a.test', 'changed'))).headers.get('gatehouse-status')).toBe('rejected');

    await release();
    await until('the port', async () => (await status(4)).state === 'live');
    expect(await status(1)).toMatchObject({ state: 'live' });
    expect(await status(3)).toMatchObject({ state: 'live', stillRejected: [] });
    expect((await http({ port: taken, host: 'a.test' })).body).toBe('changed');
  });

  it('is listed after restarts of Envoy, of the agent and of both, until the fleet no longer has it', async () => {
    await ports([8080, taken]);
    await until('the rejection', async () => (await rejections()).length);
    await stack.envoy!.stop();
    await stack.startEnvoy();
    await until('the rejection', async () => (await rejections()).length);
    await stack.agent.stop();
    await stack.startAgent();
    await until('the rejection', async () => {
      const [node] = (await stack.call(`/fleets/${stack.fleet}/nodes`)).body.items;
      return node.connected && node.rejections.length;
    });
    await ports();
    await until('no rejection', async () => (await rejections()).length === 0);
  });

  it('keeps a listener on its old port, and moves the listener once the new port is free', async () => {
    await ports([8080, free]);
    await stack.publish('a', 'configuration', on('a.test', 8080));
    expect(await served(free)).toBe(true);
    await ports([8080, taken]);
    await until('the rejection', async () => (await rejections()).length);
    expect(await rejections()).toEqual([cannotBind()]);
    expect(await served(free)).toBe(true);
    await release();
    await until('the port', async () => (await rejections()).length === 0);
    expect(await served(taken)).toBe(true);
  });
});
