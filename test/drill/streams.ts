/**
 * Opens gRPC streams through a real Envoy that last longer than every default time limit, over HTTP and HTTPS: streams
 * of a server, and streams whose client has ended its half. None may be cut.
 *
 *     --seconds N   how long each stream lasts; default 65
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  type ClientReadableStream,
  credentials,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { textMethod } from '../e2e/text-method.ts';
import { serving } from '../envoy/edge.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '65' } } });
const SECONDS = Number(values.seconds);
const HOST = 'streams.drill.test';

const ECHO = {
  Count: { ...textMethod('/test.Echo/Count'), responseStream: true },
  Sum: { ...textMethod('/test.Echo/Sum'), requestStream: true, responseStream: true },
};

const server = new Server();
server.addService(ECHO, {
  // Sends one message every ten seconds.
  Count: async (call: ServerWritableStream<string, string>) => {
    for (let left = SECONDS; left > 0; left -= 10) {
      call.write(String(left));
      await sleep(Math.min(left, 10) * 1000);
    }
    call.end();
  },
  // Sends nothing until long after the client has ended its half.
  Sum: (call: ServerDuplexStream<string, string>) => {
    let sum = 0;
    call.on('data', (value: string) => (sum += Number(value)));
    call.on('end', async () => {
      await sleep(SECONDS * 1000);
      call.write(String(sum));
      call.end();
    });
  },
});
const port = await new Promise<number>((resolve, reject) =>
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
    error ? reject(error) : resolve(bound),
  ),
);
const served = await serving(
  {
    gateways: {
      web: {
        selector: { ingress: 'public' },
        servers: [
          { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [HOST] },
          {
            port: { number: 443, name: 'https', protocol: 'HTTPS' },
            hosts: [HOST],
            tls: { mode: 'SIMPLE', credentialName: 'own' },
          },
        ],
      },
    },
    routes: { echo: { hosts: [HOST], gateways: ['web'], http: [{ route: [{ destination: { upstream: 'echo' } }] }] } },
    upstreams: { echo: { port, protocol: 'GRPC', endpoints: [{ address: '127.0.0.1' }] } },
  },
  { own: [HOST] },
);

const ended = (call: ClientReadableStream<string>) =>
  new Promise<{ code: number; messages: string[] }>((resolve) => {
    const messages: string[] = [];
    call.on('data', (message: string) => messages.push(message));
    call.on('error', () => {}).on('status', ({ code }) => resolve({ code, messages }));
  });

const Echo = makeGenericClientConstructor(ECHO, 'Echo');
async function check(scheme: 'http' | 'https'): Promise<void> {
  const secure = credentials.createSsl(Buffer.from(served.authority.pem));
  const client = new Echo(
    `127.0.0.1:${served.ports[scheme]}`,
    scheme === 'https' ? secure : credentials.createInsecure(),
    { 'grpc.default_authority': HOST, 'grpc.ssl_target_name_override': HOST },
  );
  const sum = client.makeBidiStreamRequest('/test.Echo/Sum', Buffer.from, String);
  for (const value of ['1', '2', '3']) sum.write(value);
  sum.end();
  const count = client.makeServerStreamRequest('/test.Echo/Count', Buffer.from, String, 'x');
  const [counted, summed] = await Promise.all([ended(count), ended(sum)]);
  const isWhole = counted.code === 0 && counted.messages.length === Math.ceil(SECONDS / 10);
  const isSummed = summed.code === 0 && summed.messages.join() === '6';
  process.stdout.write(`${scheme}: the stream of the server ${isWhole ? 'lasted' : 'was cut'}; `);
  process.stdout.write(`the stream whose client ended its half ${isSummed ? 'lasted' : 'was cut'} (${SECONDS} s)\n`);
  if (!isWhole || !isSummed) process.exitCode = 1;
  client.close();
}
try {
  await Promise.all([check('http'), check('https')]);
} finally {
  server.forceShutdown();
  await served.edge.close();
}
