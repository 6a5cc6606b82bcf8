/**
 * Many clients in one process that the agent cannot distinguish from Envoys. Each has its own connection and delta stream,
 * subscribes to one host's routes with their clusters and endpoints, and acknowledges everything.
 */
import { Client, type ClientDuplexStream, credentials } from '@grpc/grpc-js';
import { Node } from '../dataplane/envoy/gen/envoy/config/core/v3/base.ts';
import {
  DeltaDiscoveryRequest,
  DeltaDiscoveryResponse,
} from '../dataplane/envoy/gen/envoy/service/discovery/v3/discovery.ts';
import { cluster } from '../dataplane/serve/types/cluster.ts';
import { endpoints } from '../dataplane/serve/types/endpoints.ts';
import { routes as routesType } from '../dataplane/serve/types/routes.ts';
import { FLEET } from './workload.ts';

export interface Streams {
  /** Unix socket of the agent. */
  xds: string;
  first: number;
  count: number;
  /** Name of the RouteConfiguration they subscribe to. */
  routes: string;
}

/** One line of output. It reports that every stream of this process has received the routes a given number of times. */
export interface Received {
  round: number;
  /** When the last stream received them, in nanoseconds of the machine's monotonic clock. */
  at: string;
  /** Of the response each stream received. */
  bytes: number;
}

const METHOD = '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources';

const NOTHING = DeltaDiscoveryRequest.fromPartial({});
/** Number of streams that connect at the same time. The kernel refuses connections beyond the backlog of a socket. */
const AT_ONCE = 32;

const { xds, first, count, routes } = JSON.parse(process.env.BENCH_STREAMS!) as Streams;
const receivedBy: number[] = [];

function received(round: number, bytes: number): void {
  receivedBy[round] = (receivedBy[round] ?? 0) + 1;
  if (receivedBy[round] < count) return;
  const line: Received = { round, at: String(process.hrtime.bigint()), bytes };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function open(index: number): void {
  const client = new Client(`unix:${xds}`, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  const stream: ClientDuplexStream<Buffer, Buffer> = client.makeBidiStreamRequest(
    METHOD,
    (bytes: Buffer) => bytes,
    (bytes) => bytes,
  );
  const send = (request: Partial<DeltaDiscoveryRequest>) =>
    stream.write(Buffer.from(DeltaDiscoveryRequest.encode({ ...NOTHING, ...request }).finish()));
  let rounds = 0;
  stream.on('data', (bytes: Buffer) => {
    const { typeUrl, nonce, resources } = DeltaDiscoveryResponse.decode(bytes);
    send({ typeUrl, responseNonce: nonce });
    if (typeUrl === routesType.url) {
      if (rounds === 0) openNext();
      received(rounds++, bytes.length);
    }
    if (typeUrl === cluster.url && resources.length > 0)
      send({ typeUrl: endpoints.url, resourceNamesSubscribe: resources.map(({ name }) => name) });
  });
  stream.on('error', (error) => {
    console.error(`stream ${index}: ${error.message}`);
    process.exit(1);
  });
  send({ typeUrl: cluster.url, node: Node.fromPartial({ id: `stream-${index}`, cluster: FLEET }) });
  send({ typeUrl: routesType.url, resourceNamesSubscribe: [routes] });
}

let next = first;
function openNext(): void {
  if (next < first + count) open(next++);
}
for (let opened = 0; opened < AT_ONCE; opened++) openNext();
