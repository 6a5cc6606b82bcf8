/**
 * Sends a large body through a real Envoy, with a delay on both sides of it: as a response and as a request, over
 * HTTP/2 and over HTTP/1.1. HTTP/2 must reach most of the lower one of two rates: that of HTTP/1.1 in the same run, and
 * one window per round trip. With windows of 64 KiB, it would reach 1.3 MiB/s.
 *
 *     --megabytes N   size of the body; default 30
 *     --delay N       round trip in milliseconds; default 50
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type ClientHttp2Session, connect, createServer as createHttp2Server } from 'node:http2';
import { request } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, connect as tcp } from 'node:net';
import { parseArgs } from 'node:util';
import { type Served, serving } from '../envoy/edge.ts';

const { values } = parseArgs({
  options: { megabytes: { type: 'string', default: '30' }, delay: { type: 'string', default: '50' } },
});
const MIB = 1024 * 1024;
const SIZE = Number(values.megabytes) * MIB;
const ROUND_TRIP = Number(values.delay);
/** What the edge allows to be in flight: `initialStreamWindowSize` in dataplane/compile/manager/limits.ts. */
const UPLOAD_WINDOW = 4 * MIB;
/** What browsers allow, rounded down. */
const DOWNLOAD_WINDOW = 6 * MIB;
/** On two cores, the client needs more time per byte over HTTP/2. */
const LEAST = 0.5;

const servers: { close(): unknown }[] = [];
const listening = async (server: Server) => {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

/** Delays every byte by half a round trip. It reads as fast as it can, so only windows above TCP limit the rate. */
const delayed = (port: number) =>
  listening(
    createTcpServer((client) => {
      const server = tcp(port, '127.0.0.1');
      for (const [from, to] of [
        [client, server],
        [server, client],
      ] as const) {
        from.on('data', (data) => setTimeout(() => to.write(data), ROUND_TRIP / 2));
        from.on('error', () => {}).on('close', () => setTimeout(() => to.end(), ROUND_TRIP / 2));
      }
    }),
  );

const body = Buffer.alloc(64 * 1024, 'x');
/** Answers a GET with the body, and everything else once it has received it. */
function handle(asked: IncomingMessage, answer: ServerResponse): void {
  if (asked.method !== 'GET') return void asked.on('end', () => answer.end('done')).resume();
  let left = SIZE / body.length;
  const write = () => {
    while (left-- > 0) if (!answer.write(body)) return void answer.once('drain', write);
    answer.end();
  };
  write();
}

/** Sends the body. @returns when it may send more, until all is sent */
function sendBody(to: {
  write(data: Buffer): boolean;
  once(event: 'drain', then: () => void): unknown;
  end(): void;
}): void {
  let left = SIZE / body.length;
  const write = () => {
    while (left-- > 0) if (!to.write(body)) return void to.once('drain', write);
    to.end();
  };
  write();
}

type Direction = 'download' | 'upload';

/** @returns seconds from the beginning of the request to the end of the response */
async function timed(
  run: (done: (bytes: number) => void, failed: (error: Error) => void) => void,
  direction: Direction,
) {
  const start = performance.now();
  const bytes = await new Promise<number>(run);
  if (direction === 'download' && bytes !== SIZE) throw new Error(`${bytes} of ${SIZE} bytes arrived`);
  return (performance.now() - start) / 1000;
}

const counted = (
  stream: { on(event: string, listener: (data: Buffer) => void): unknown },
  done: (bytes: number) => void,
) => {
  let bytes = 0;
  stream.on('data', (data) => (bytes += data.length));
  stream.on('end', () => done(bytes));
};

const overHttp1 = ({ authority }: Served, port: number, host: string, direction: Direction) =>
  timed((done, failed) => {
    const method = direction === 'download' ? 'GET' : 'POST';
    const tls = { servername: host, ca: authority.pem };
    const sent = request({ host: '127.0.0.1', port, method, headers: { host }, agent: false, ...tls });
    sent.on('response', (response) => counted(response.on('error', failed), done)).on('error', failed);
    if (direction === 'download') sent.end();
    else sendBody(sent);
  }, direction);

async function overHttp2({ authority }: Served, port: number, host: string, direction: Direction) {
  const session: ClientHttp2Session = connect(`https://${host}`, {
    ...{ host: '127.0.0.1', port, servername: host, ca: authority.pem },
    settings: { initialWindowSize: DOWNLOAD_WINDOW },
  });
  session.on('connect', () => session.setLocalWindowSize(2 * DOWNLOAD_WINDOW));
  // The settings of both sides must have arrived, as on a connection that has served a page.
  await new Promise((resolve) => session.ping(Buffer.alloc(8), resolve));
  const seconds = await timed((done, failed) => {
    const stream = session.request({ ':path': '/', ':method': direction === 'download' ? 'GET' : 'POST' });
    counted(stream, done);
    stream.on('error', failed);
    if (direction === 'download') stream.end();
    else sendBody(stream);
  }, direction);
  session.destroy();
  return seconds;
}

const http2Server = createHttp2Server({ settings: { initialWindowSize: SIZE } }, handle as never);
http2Server.on('session', (session) => session.setLocalWindowSize(SIZE));
const upstreams = {
  http1: { port: await delayed(await listening(createServer(handle))), protocol: 'HTTP' },
  http2: { port: await delayed(await listening(http2Server as never)), protocol: 'HTTP2' },
} as const;
const names = Object.keys(upstreams) as (keyof typeof upstreams)[];
const hosts = names.map((name) => `${name}.drill.test`);
const served = await serving(
  {
    gateways: {
      web: {
        selector: { ingress: 'public' },
        servers: [
          {
            port: { number: 443, name: 'https', protocol: 'HTTPS' },
            hosts,
            tls: { mode: 'SIMPLE', credentialName: 'all' },
          },
        ],
      },
    },
    routes: Object.fromEntries(
      names.map((name, index) => [
        name,
        { hosts: [hosts[index]!], gateways: ['web'], http: [{ route: [{ destination: { upstream: name } }] }] },
      ]),
    ),
    upstreams: Object.fromEntries(
      names.map((name) => [name, { ...upstreams[name], endpoints: [{ address: '127.0.0.1' }] }]),
    ),
  },
  { all: hosts },
);
try {
  const port = await delayed(served.ports.https);
  for (const name of names)
    for (const direction of ['download', 'upload'] as const) {
      const host = `${name}.drill.test`;
      await overHttp1(served, port, host, direction); // not measured: it loads the host
      const best = async (run: typeof overHttp1) =>
        SIZE / MIB / Math.min(await run(served, port, host, direction), await run(served, port, host, direction));
      const [http1, http2] = [await best(overHttp1), await best(overHttp2)];
      const window = (direction === 'download' ? DOWNLOAD_WINDOW : UPLOAD_WINDOW) / MIB / (ROUND_TRIP / 1000);
      const ratio = http2 / Math.min(http1, window);
      const [two, one, most] = [http2, http1, window].map((rate) => rate.toFixed(0));
      process.stdout.write(`${direction}, ${name} upstream: ${two} MiB/s over HTTP/2, ${one} over HTTP/1.1, `);
      process.stdout.write(`${most} by the window; ratio ${ratio.toFixed(2)}\n`);
      if (ratio < LEAST) process.exitCode = 1;
    }
} finally {
  await served.edge.close();
  for (const server of servers) server.close();
}
process.exit();
