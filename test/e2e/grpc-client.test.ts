import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  credentials,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort, Stack } from './stack.ts';
import { textMethod } from './text-method.ts';

const ECHO = {
  Say: textMethod('/test.Echo/Say'),
} satisfies ServiceDefinition;

let stack: Stack;
const servers: Server[] = [];

async function serveEcho(name: string): Promise<number> {
  const server = new Server();
  server.addService(ECHO, {
    Say: (call: { request: string }, done: (error: null, text: string) => void) =>
      done(null, `${name}: ${call.request}`),
  });
  servers.push(server);
  return new Promise((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    ),
  );
}

beforeAll(async () => {
  const xds = `127.0.0.1:${await freePort()}`;
  stack = await Stack.start({ envoy: false, xds });
  const [first, second] = [await serveEcho('first'), await serveEcho('second')];
  await stack.createTenant('rpc');
  const upstream = (port: number) => ({ port: 9000, protocol: 'HTTP2', endpoints: [{ address: '127.0.0.1', port }] });
  const reply = await stack.call('/tenants/rpc/configuration', {
    method: 'PUT',
    body: {
      gateways: {
        web: {
          selector: { ingress: 'public' },
          servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['echo.test'] }],
        },
      },
      upstreams: { first: upstream(first), second: upstream(second) },
      routes: {
        echo: { hosts: ['echo.test'], gateways: ['web'], http: [{ route: [{ destination: { upstream: 'first' } }] }] },
      },
    },
  });
  expect(reply.status).toBe(201);
  const file = join(stack.folder, 'grpc-xds.json');
  writeFileSync(
    file,
    JSON.stringify({
      xds_servers: [{ server_uri: xds, channel_creds: [{ type: 'insecure' }], server_features: ['xds_v3'] }],
      node: { id: 'grpc-1', locality: {} },
    }),
  );
  process.env.GRPC_XDS_BOOTSTRAP = file;
});

afterAll(async () => {
  for (const server of servers) server.forceShutdown();
  await stack?.stop();
});

it('a proxyless gRPC client gets a route, and follows a change of the route', async () => {
  const { register } = await import('@grpc/grpc-js-xds');
  register();
  const Echo = makeGenericClientConstructor(ECHO, 'Echo');
  const client = new Echo('xds:///echo.test', credentials.createInsecure());
  const say = (text: string) =>
    new Promise<string>((resolve, reject) => {
      // biome-ignore lint/complexity/useLiteralKeys: the method exists by the definition above
      client['Say']!(text, { deadline: Date.now() + 10_000 }, (error: Error | null, answer: string) =>
        error ? reject(error) : resolve(answer),
      );
    });
  expect(await say('hello')).toBe('first: hello');
  const moved = {
    hosts: ['echo.test'],
    gateways: ['web'],
    http: [{ route: [{ destination: { upstream: 'second' } }] }],
  };
  expect((await stack.call('/tenants/rpc/routes/echo', { method: 'PUT', body: moved })).status).toBe(200);
  const deadline = Date.now() + 10_000;
  let answer = '';
  while (answer !== 'second: hello' && Date.now() < deadline) answer = await say('hello');
  expect(answer).toBe('second: hello');
  client.close();
});
