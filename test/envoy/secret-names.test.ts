/** Checks under which names a client can make Envoy request a secret. Names of other secrets must not be possible. */
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Configuration } from '../../model/configuration.ts';
import type { Fleet } from '../../model/fleet.ts';
import { freePort } from '../e2e/stack.ts';
import { type Edge, startEdge } from './compiled-edge.ts';

let edge: Edge;
let port: number;
const asked: string[] = [];

beforeAll(async () => {
  port = await freePort();
  const fleet: Fleet = { name: 'edge', labels: {}, ports: [{ number: 443, bind: port, protocol: 'HTTPS' }] };
  const secret = (name: string) => void asked.push(name);
  edge = await startEdge(Configuration.of([]), fleet, { secret });
});
afterAll(() => edge?.close());

/** Returns once Envoy has rejected the handshake. No host has a certificate in this test. */
async function shake(servername: string, to = port): Promise<string[]> {
  asked.length = 0;
  await new Promise<void>((resolve) => {
    const socket = connect({ port: to, host: '127.0.0.1', servername, rejectUnauthorized: false });
    socket.on('error', () => resolve()).on('close', () => resolve());
  });
  return [...asked];
}

it.each(['www.a.test', 'WWW.a.test.', 'a_b.test'])(
  'Envoy requests a certificate under the server name %j of a client',
  async (name) => {
    expect(await shake(name)).toEqual([name]);
  },
);

// Envoy would read the first as a subscription to every secret, and xdstp: as another protocol.
it.each([
  '*',
  '*.a.test',
  'ca/acme',
  'a b',
  'xdstp:a',
  'xdstp://a/envoy.extensions.transport_sockets.tls.v3.Secret/*',
  'a:443',
  'ä.test',
])('the listener closes a connection with the server name %j', async (name) => {
  expect(await shake(name)).toEqual([]);
  expect(await shake('www.a.test')).toEqual(['www.a.test']);
});

it.each(['\0', '\xff', '\n'])('the listener closes a connection whose server name contains %j', async (byte) => {
  const relay = await startRelay((bytes) =>
    Buffer.from(bytes.toString('latin1').replace('caZ', `ca${byte}`), 'latin1'),
  );
  try {
    expect(await shake('caZ', relay.port)).toEqual([]);
    // Shows that the relay forwards other bytes unchanged.
    expect(await shake('caA', relay.port)).toEqual(['caA']);
  } finally {
    relay.server.close();
  }
});

/** Forwards connections to Envoy and changes the client's bytes, because no client library sends NUL in a server name. */
async function startRelay(change: (bytes: Buffer) => Buffer): Promise<{ port: number; server: Server }> {
  const server = createServer((client: Socket) => {
    const upstream = dial(port, '127.0.0.1');
    client.on('data', (bytes: Buffer) => void upstream.write(change(bytes)));
    upstream.pipe(client);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as { port: number }).port, server };
}
