import { type handleBidiStreamingCall, type Server, status } from '@grpc/grpc-js';
import { LoadStatsRequest, LoadStatsResponse } from '../envoy/gen/envoy/service/load_stats/v3/lrs.ts';

/** The load reports that the server requests from Envoys. */
export interface LoadReports {
  /** The time between two reports in milliseconds. */
  interval: number;
  /** Called at each report with the clusters that had requests, finished or in progress, since the previous report. */
  used: (node: string, clusters: readonly string[]) => void;
}

const METHOD = {
  path: '/envoy.service.load_stats.v3.LoadReportingService/StreamLoadStats',
  requestStream: true,
  responseStream: true,
  requestSerialize: (request: LoadStatsRequest) => Buffer.from(LoadStatsRequest.encode(request).finish()),
  requestDeserialize: (bytes: Buffer) => LoadStatsRequest.decode(bytes),
  responseSerialize: (response: LoadStatsResponse) => Buffer.from(LoadStatsResponse.encode(response).finish()),
  responseDeserialize: (bytes: Buffer) => LoadStatsResponse.decode(bytes),
} as const;

/**
 * Adds the load reporting service (LRS) to a gRPC server. It asks every Envoy that connects which of its clusters are in
 * use. Envoy counts requests per endpoint anyway, so reports cost the data path nothing.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/service/load_stats/v3/lrs.proto
 */
export function addLoadReports(server: Server, { interval, used }: LoadReports): void {
  const answer = LoadStatsResponse.fromPartial({
    sendAllClusters: true,
    loadReportingInterval: { seconds: Math.floor(interval / 1000), nanos: Math.round(interval % 1000) * 1e6 },
  });
  const stream: handleBidiStreamingCall<LoadStatsRequest, LoadStatsResponse> = (call) => {
    let node: string | undefined;
    call.on('data', ({ node: sender, clusterStats }: LoadStatsRequest) => {
      if (node === undefined) {
        if (!sender?.id)
          return call.emit('error', { code: status.INVALID_ARGUMENT, details: 'the first request must carry node.id' });
        node = sender.id;
      } else
        used(
          node,
          clusterStats.flatMap((each) => (each.upstreamLocalityStats.length > 0 ? each.clusterName : [])),
        );
      // Envoy reports the clusters that exist when it reads this response. It is sent again after each report, so that
      // the next report contains newer clusters too.
      call.write(answer);
    });
    call.on('end', () => call.end());
    call.on('error', () => {});
  };
  server.addService({ StreamLoadStats: METHOD }, { StreamLoadStats: stream });
}
