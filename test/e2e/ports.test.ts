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
  it("is listed on the node with Envoy's words while the other ports work, and opened once it is free", async () => {
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

  it('is listed after a restart of Envoy, of the agent and of both, until the fleet has it no more', async () => {
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

  it('leaves a listener that moved there where it was, and moves it once the port is free', async () => {
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
