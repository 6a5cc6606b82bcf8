import { Client, type ClientDuplexStream, credentials, Metadata } from '@grpc/grpc-js';
import {
  DeltaDiscoveryRequest,
  DeltaDiscoveryResponse,
  DiscoveryRequest,
  DiscoveryResponse,
} from '../../dataplane/envoy/gen/envoy/service/discovery/v3/discovery.ts';
import { LoadStatsRequest, LoadStatsResponse } from '../../dataplane/envoy/gen/envoy/service/load_stats/v3/lrs.ts';

const DISCOVERY = '/envoy.service.discovery.v3.AggregatedDiscoveryService';

/** An xDS client for tests. The test writes each request, and the client keeps the responses in order. */
class XdsClient<Request, Response> {
  readonly received: Response[] = [];
  /** Set when the stream has ended: the gRPC status. */
  ended: { code: number; details: string } | undefined;
  readonly call: ClientDuplexStream<Request | Buffer, Response>;
  readonly #client: Client;
  #wake = () => {};

  constructor(
    address: string,
    path: string,
    encode: (request: Request) => Uint8Array,
    decode: (bytes: Buffer) => Response,
  ) {
    this.#client = new Client(address, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.max_receive_message_length': -1,
    });
    this.call = this.#client.makeBidiStreamRequest(
      path,
      (request: Request | Buffer) => (Buffer.isBuffer(request) ? request : Buffer.from(encode(request))),
      decode,
      new Metadata(),
    );
    this.call.on('data', (response: Response) => {
      this.received.push(response);
      this.#wake();
    });
    this.call.on('error', () => {});
    this.call.on('status', ({ code, details }) => {
      this.ended = { code, details };
      this.#wake();
    });
  }

  send(request: Request): void {
    this.call.write(request);
  }

  /** Sends bytes that need not be a request. */
  sendRaw(bytes: Buffer): void {
    this.call.write(bytes);
  }

  /** The next response in order. */
  async next(): Promise<Response> {
    await this.until(() => this.received.length > 0);
    return this.received.shift()!;
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  close(): void {
    this.call.cancel();
    this.#client.close();
  }
}

export class DeltaClient extends XdsClient<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
  #first = true;
  readonly #probe: string;

  /** @param probe where the node says its probe listener is */
  constructor(address: string, probe = '/tmp/probe') {
    super(
      address,
      `${DISCOVERY}/DeltaAggregatedResources`,
      (request) => DeltaDiscoveryRequest.encode(request).finish(),
      DeltaDiscoveryResponse.decode,
    );
    this.#probe = probe;
  }

  ask(
    typeUrl: string,
    request: {
      subscribe?: string[];
      unsubscribe?: string[];
      have?: Record<string, string>;
      nonce?: string;
      error?: string;
    } = {},
  ): void {
    const { subscribe = [], unsubscribe = [], have = {}, nonce = '', error } = request;
    this.send(
      DeltaDiscoveryRequest.fromPartial({
        node: this.#first ? { ...NODE, metadata: { gatehouse: { probe: this.#probe } } } : undefined,
        typeUrl,
        resourceNamesSubscribe: subscribe,
        resourceNamesUnsubscribe: unsubscribe,
        initialResourceVersions: have,
        responseNonce: nonce,
        errorDetail: error === undefined ? undefined : { code: 3, message: error },
      }),
    );
    this.#first = false;
  }
}

export class SotwClient extends XdsClient<DiscoveryRequest, DiscoveryResponse> {
  #first = true;

  constructor(address: string) {
    super(
      address,
      `${DISCOVERY}/StreamAggregatedResources`,
      (request) => DiscoveryRequest.encode(request).finish(),
      DiscoveryResponse.decode,
    );
  }

  ask(typeUrl: string, request: { names?: string[]; nonce?: string; version?: string; error?: string } = {}): void {
    const { names = [], nonce = '', version = '', error } = request;
    this.send(
      DiscoveryRequest.fromPartial({
        node: this.#first ? GRPC_NODE : undefined,
        typeUrl,
        versionInfo: version,
        resourceNames: names,
        responseNonce: nonce,
        errorDetail: error === undefined ? undefined : { code: 3, message: error },
      }),
    );
    this.#first = false;
  }
}

/** Reports which clusters of the same node had requests. */
export class LoadClient extends XdsClient<LoadStatsRequest, LoadStatsResponse> {
  constructor(address: string) {
    super(
      address,
      '/envoy.service.load_stats.v3.LoadReportingService/StreamLoadStats',
      (request) => LoadStatsRequest.encode(request).finish(),
      LoadStatsResponse.decode,
    );
    this.send(LoadStatsRequest.fromPartial({ node: NODE }));
  }

  /** @param clusters each with whether it had a request */
  report(clusters: Record<string, boolean>): void {
    const clusterStats = Object.entries(clusters).map(([clusterName, used]) => ({
      clusterName,
      upstreamLocalityStats: used ? [{ totalIssuedRequests: 1 }] : [],
    }));
    this.send(LoadStatsRequest.fromPartial({ clusterStats }));
  }
}

const NODE = {
  id: 'node-1',
  cluster: 'fleet-1',
  metadata: { gatehouse: { probe: '/tmp/probe' } },
  userAgentName: 'envoy',
  userAgentVersionType: {
    $case: 'userAgentBuildVersion',
    value: { version: { majorNumber: 1, minorNumber: 40, patch: 0 } },
  },
} as const;

/** The user agent of gRPC clients, which use SotW. */
const GRPC_NODE = {
  ...NODE,
  userAgentName: 'gRPC Node Pure JS',
  userAgentVersionType: { $case: 'userAgentVersion', value: '1.14.0' },
} as const;
