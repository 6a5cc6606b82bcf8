import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { defaultLimits } from '../../dataplane/envoy/limits.ts';
import { saying } from './configuration.ts';
import { until } from './process.ts';
import { Stack } from './stack.ts';

let stack: Stack;
const sockets: Socket[] = [];
beforeEach(async () => {
  stack = await Stack.start({ envoy: false });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await stack?.stop();
});

/**
 * Sends a request on a kept connection. @returns the status line, or undefined when the connection was closed instead
 */
function visit(): Promise<{ socket: Socket; status: string | undefined }> {
  return new Promise((resolve) => {
    const socket = connect(stack.httpPort, '127.0.0.1');
    sockets.push(socket);
    socket.on('data', (chunk) => resolve({ socket, status: String(chunk).split('\r\n')[0] }));
    for (const end of ['error', 'close']) socket.on(end, () => resolve({ socket, status: undefined }));
    socket.write('GET / HTTP/1.1\r\nhost: a.test\r\n\r\n');
  });
}
const publish = (text: string) => stack.publish('a', 'routes/app', saying('a.test', text));

it('Envoy rejects visitors beyond its limit, and changes still become live', async () => {
  stack.envoy = await stack.runEnvoy('envoy-1', stack.folder, { ...defaultLimits(), connections: 2 });
  await stack.createTenant('a');
  const servers = [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['a.test'] }];
  await stack.publish('a', 'gateways/web', { selector: { ingress: 'public' }, servers });
  await publish('1');
  const first = await visit();
  expect([first.status, (await visit()).status]).toEqual(['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK']);
  expect((await visit()).status).toBeUndefined();
  await publish('2');
  expect((await stack.envoy.admin('/ready')).status).toBe(200);
  first.socket.destroy();
  await until('room', async () => (await visit()).status === 'HTTP/1.1 200 OK');
});

it('Envoy accepts no requests and no connections when its heap is full, and keeps running', async () => {
  stack.envoy = await stack.runEnvoy('envoy-1', stack.folder, { ...defaultLimits(), heap: 1024 * 1024 });
  for (const action of ['stop_accepting_requests', 'stop_accepting_connections'])
    await until(action, async () => (await stack.envoy!.admin('/stats')).body.includes(`actions.${action}.active: 1`));
  expect((await stack.envoy.admin('/ready')).status).toBe(200);
});
