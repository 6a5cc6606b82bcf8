import { chmodSync, existsSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import {
  type handleBidiStreamingCall,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  status,
} from '@grpc/grpc-js';
import { HIDDEN } from '../../model/values/hidden-characters.ts';
import type { Node as EnvoyNode } from '../envoy/gen/envoy/config/core/v3/base.ts';
import { DeltaDiscoveryRequest, DiscoveryRequest } from '../envoy/gen/envoy/service/discovery/v3/discovery.ts';
import type { Log } from '../log.ts';
import { addChallenges, type Challenges } from './challenges.ts';
import { addLoadReports, type LoadReports } from './load-reports.ts';
import type { WireType } from './resource.ts';
import { joined, type Response } from './response.ts';
import { type Accept, DeltaStream, type Node, SotwStream, type Transport } from './stream.ts';

const SERVICE = 'envoy.service.discovery.v3.AggregatedDiscoveryService';

/**
 * The largest size of a request in bytes. A reconnecting client names every resource that it holds in one request,
 * which needs about 60 bytes per scope for up to a million scopes.
 */
const REQUEST_LIMIT = 64 << 20;

const OPTIONS = {
  'grpc.max_receive_message_length': REQUEST_LIMIT,
  'grpc-node.flow_control_window': 1 << 20,
  // Finds clients that disappeared or hang. Otherwise the queues of their streams would stay in memory.
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 20_000,
};

export interface ServeOptions {
  /** `unix:/path` or `host:port`; with port 0, the system chooses a free port. */
  address: string;
  /**
   * Opens the session of a client. Called at the first request of each stream, before the session handles the request.
   */
  accept: Accept;
  /** The types that are served. A client that requests another type gets an empty response. */
  types: readonly WireType[];
  /** If present, the server also requests load reports. */
  loads?: LoadReports;
  /** If present, the server also tells Envoys what to answer to certificate authorities. */
  challenges?: Challenges;
  log: Log;
}

/**
 * Serves ADS in both variants of xDS, incremental (delta) and state of the world (SotW). Only the user of this process
 * can open a Unix socket that it creates. A socket file that a killed process left is replaced.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-docs/xds_protocol
 *
 * @returns the address that was bound, such as `127.0.0.1:18000`, and a function that closes it with all its streams
 * @throws Error when the address is in use, its folder is missing, or it cannot be bound
 */
export async function startXdsServer({
  address,
  accept,
  types,
  loads,
  challenges,
  log,
}: ServeOptions): Promise<{ address: string; close(): Promise<void> }> {
  const socket = address.startsWith('unix:') ? address.slice('unix:'.length).replace(/^\/\/\//, '/') : undefined;
  if (socket) await removeAbandoned(socket);
  const server = new Server(OPTIONS);
  addService(server, { accept, types, log });
  if (loads) addLoadReports(server, loads);
  if (challenges) addChallenges(server, challenges, log);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(new Error(`cannot listen on ${address} for xDS: ${error.message}`, { cause: error }));
      else resolve(bound);
    });
  });
  // Private keys are sent through this socket.
  if (socket) chmodSync(socket, 0o600);
  return {
    address: socket ? address : address.replace(/:\d+$/, `:${port}`),
    async close() {
      server.forceShutdown();
      if (socket) await unlink(socket).catch(() => {});
    },
  };
}

type Streams = Pick<ServeOptions, 'accept' | 'types' | 'log'>;

function addService(server: Server, streams: Streams): void {
  const method = (name: string) =>
    ({ path: `/${SERVICE}/${name}`, requestStream: true, responseStream: true }) as const;
  const encodeNothing = (request: unknown) => request as Buffer; // only clients encode requests
  server.addService(
    {
      DeltaAggregatedResources: {
        ...method('DeltaAggregatedResources'),
        requestSerialize: encodeNothing,
        requestDeserialize: (bytes: Buffer) => DeltaDiscoveryRequest.decode(bytes),
        responseSerialize: joined,
        responseDeserialize: (bytes: Buffer) => bytes,
      },
      StreamAggregatedResources: {
        ...method('StreamAggregatedResources'),
        requestSerialize: encodeNothing,
        requestDeserialize: (bytes: Buffer) => DiscoveryRequest.decode(bytes),
        responseSerialize: joined,
        responseDeserialize: (bytes: Buffer) => bytes,
      },
    },
    { DeltaAggregatedResources: delta(streams), StreamAggregatedResources: sotw(streams) },
  );
}

function delta({ accept, types, log }: Streams): handleBidiStreamingCall<DeltaDiscoveryRequest, Response> {
  return (call) =>
    run(
      call,
      log,
      (node, transport) => new DeltaStream(node, transport, types, log).open(accept),
      (stream, request) =>
        stream.receive(request.typeUrl, {
          subscribe: request.resourceNamesSubscribe,
          unsubscribe: request.resourceNamesUnsubscribe,
          initialVersions: request.initialResourceVersions,
          nonce: request.responseNonce,
          error: request.errorDetail?.message,
        }),
    );
}

function sotw({ accept, types, log }: Streams): handleBidiStreamingCall<DiscoveryRequest, Response> {
  return (call) =>
    run(
      call,
      log,
      (node, transport) => new SotwStream(node, transport, types, log).open(accept),
      (stream, request) =>
        stream.receive(request.typeUrl, {
          names: request.resourceNames,
          nonce: request.responseNonce,
          error: request.errorDetail?.message,
        }),
    );
}

/** Passes one call's requests to a stream. An error ends this call alone. */
function run<
  Request extends { node: EnvoyNode | undefined; typeUrl: string },
  S extends { node: Node; closed(): void },
>(
  call: ServerDuplexStream<Request, Response>,
  log: Log,
  open: (node: Node, transport: Transport) => S,
  receive: (stream: S, request: Request) => void,
): void {
  let stream: S | undefined;
  let ended = false;
  const fail = (code: status, details: string) => call.emit('error', { code, details });
  const transport: Transport = {
    write: (response, written) => void call.write(response, (error?: Error | null) => void (error ?? written())),
    end: () => void call.end(),
  };
  call.on('data', (request) => {
    if (ended) return;
    try {
      // Only the first request of a stream must name the node.
      // https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/config/bootstrap/v3/bootstrap.proto#set-node-on-first-message-only
      if (!stream) {
        if (!request.node?.id) return fail(status.INVALID_ARGUMENT, 'the first request of a stream must carry node.id');
        if (!isNodeName(request.node.id))
          return fail(status.INVALID_ARGUMENT, 'node.id must be one line of at most 255 characters');
        stream = open(nodeOf(request.node), transport);
      }
      if (!request.typeUrl) return fail(status.INVALID_ARGUMENT, 'type_url is missing');
      receive(stream, request);
    } catch (error) {
      log.error({ err: error, node: stream?.node.id, type: request.typeUrl }, 'a request of a client failed');
      fail(status.INTERNAL, 'the request could not be handled');
    }
  });
  const over = () => {
    if (ended) return;
    ended = true;
    stream?.closed();
  };
  call.on('end', () => {
    over();
    call.end();
  });
  call.on('error', over);
  call.on('cancelled', over);
  call.on('close', over);
}

/** Whether the API accepts a report about a node of this name. Reports contain all nodes of the agent. */
const isNodeName = (id: string): boolean => id.length <= 255 && !HIDDEN_IN_LINE.test(id);
const HIDDEN_IN_LINE = new RegExp(`[${HIDDEN.inLines}]`);

function nodeOf(node: EnvoyNode): Node {
  const agent = node.userAgentVersionType;
  const {
    majorNumber = 0,
    minorNumber = 0,
    patch = 0,
  } = (agent?.$case === 'userAgentBuildVersion' && agent.value.version) || {};
  const version = agent?.$case === 'userAgentVersion' ? agent.value : `${majorNumber}.${minorNumber}.${patch}`;
  return {
    id: node.id,
    cluster: node.cluster,
    metadata: node.metadata ?? {},
    userAgent: agent ? `${node.userAgentName}/${version}` : node.userAgentName,
  };
}

/**
 * Removes the socket file that a killed process left.
 *
 * @throws Error when a running process accepts connections on the socket, or when its folder is missing
 */
async function removeAbandoned(path: string): Promise<void> {
  if (!existsSync(dirname(path)))
    throw new Error(`cannot listen on unix:${path} for xDS: there is no folder ${dirname(path)}`);
  const code = await new Promise<string | undefined>((resolve) => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve(undefined);
    });
    probe.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  });
  if (code === undefined) throw new Error(`cannot listen on unix:${path} for xDS: another process does`);
  if (code === 'ECONNREFUSED') await unlink(path);
}
