/** The files of `examples/`: what they hold, and what one of their requests gets. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Endpoints } from './endpoints.ts';

export const FOLDER = join(import.meta.dirname, '../../../examples');
export const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

const Headers = z.record(z.string(), z.string().nullable());
const Step = z.strictObject({
  get: z.string().optional(),
  post: z.string().optional(),
  options: z.string().optional(),
  webSocket: z.string().optional(),
  /** A GET over HTTP/3. */
  http3: z.string().optional(),
  /** A call with an empty message; it answers the gRPC status. */
  grpc: z.string().optional(),
  /** A datagram to this port, which is echoed. */
  udp: z.int().optional(),
  /** Whether the request is sent to a sidecar. */
  sidecar: z.boolean().optional(),
  /** Whether the client shows a certificate of the CA of the examples. */
  clientCertificate: z.boolean().optional(),
  tlsVersion: z.enum(['TLSv1.1', 'TLSv1.2', 'TLSv1.3']).optional(),
  /** The address of the client in a PROXY protocol header, with which the connection begins. */
  proxyFrom: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  /** How often the request is sent; default 1. */
  times: z.int().optional(),
  /** Every answer that comes: the status, then the upstream and the path, or the location; or `refused`. */
  answers: z.array(z.string()).optional(),
  /** The upstreams and paths of the copies. */
  copies: z.array(z.string()).optional(),
  /** Headers that the upstream receives; null for one that it does not. */
  received: Headers.optional(),
  responseHeaders: Headers.optional(),
  /** Whether the client returns the cookies that it got. */
  keepsCookies: z.boolean().optional(),
  /** The number of endpoints that answer. */
  endpoints: z.int().optional(),
  /** A part of the status of the tenant's revision. */
  status: z.record(z.string(), z.unknown()).optional(),
  /** An upstream; `states` lists the states of its endpoints in the API. */
  endpointHealth: z.string().optional(),
  states: z.array(z.string()).optional(),
});
export type Step = z.infer<typeof Step>;

const Example = z.strictObject({
  configuration: z.record(z.string(), z.unknown()),
  requests: z.array(Step).min(1),
});

/** Reads an example, with the ports and certificates of the endpoints of the test. */
export function readExample(file: string, endpoints: Endpoints): z.infer<typeof Example> {
  const moved = readFileSync(join(FOLDER, file), 'utf8')
    .replace(/\bport: (9\d{3})\b/g, (_, port) => `port: ${endpoints.portOf(+port)}`)
    .replaceAll('$CHAIN', JSON.stringify(endpoints.pair.certificateChain))
    .replaceAll('$KEY', JSON.stringify(endpoints.pair.privateKey))
    .replaceAll('$CA', JSON.stringify(endpoints.authority.pem));
  return Example.parse(parse(moved));
}

/** The URL of a step. A step without one gets an arbitrary URL. */
export const urlOf = ({ get, post, options, webSocket, grpc, http3 }: Step): URL =>
  new URL((get ?? post ?? options ?? webSocket ?? grpc ?? http3 ?? 'udp://host').replace(/^ws/, 'http'));
