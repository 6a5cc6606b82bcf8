/**
 * Hosts with their own rules on a real Envoy, over HTTP and HTTPS, and clients for requests that ordinary clients do
 * not send.
 */
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { certificateFor, scopeTable } from '../../model/binding/scope-table.ts';
import { Configuration, type ConfigurationDocument } from '../../model/configuration.ts';
import type { Fleet } from '../../model/fleet.ts';
import { Authority } from '../e2e/authority.ts';
import { freePort } from '../e2e/stack.ts';
import * as encode from '../xds/encode.ts';
import { type Edge, startEdge, TENANT } from './compiled-edge.ts';

export interface Served {
  edge: Edge;
  configuration: Configuration;
  fleet: Fleet;
  ports: { http: number; https: number };
  authority: Authority;
}

/**
 * @param outbound the address at which Envoy serves the mesh too, as a sidecar does
 * @param document its certificates are ignored: those in `certified` are issued, name → DNS names
 */
export async function serving(
  document: Omit<ConfigurationDocument, 'certificates'>,
  certified: Record<string, string[]> = {},
  more: Partial<Fleet> = {},
  outbound?: string,
): Promise<Served> {
  const ports = { http: await freePort(), https: await freePort() };
  const fleet: Fleet = {
    name: 'public',
    labels: { ingress: 'public' },
    ports: [
      { number: 80, bind: ports.http, protocol: 'HTTP' },
      { number: 443, bind: ports.https, protocol: 'HTTPS' },
    ],
    ...more,
  };
  const authority = await Authority.create();
  const pairs = new Map(
    await Promise.all(
      Object.entries(certified).map(async ([name, dnsNames]) => [name, await authority.issue(...dnsNames)] as const),
    ),
  );
  const certificates = Object.fromEntries(
    [...pairs].map(([name, { certificateChain }]) => [name, { certificateChain }]),
  );
  const issued = Configuration.fromDocument({ ...document, certificates });
  // What the API reads out of a certificate, as far as the data plane's rules depend on it.
  const configuration = Object.entries(certified).reduce(
    (all, [name, dnsNames]) => all.with('certificate', name, certificates[name]!, { ...UNREAD, dnsNames }),
    issued,
  );
  const table = scopeTable(configuration, TENANT, fleet);
  const edge = await startEdge(configuration, fleet, {
    ...(outbound !== undefined && { outbound }),
    secret: (serverName) => {
      const pair = pairs.get(certificateFor(table, serverName.toLowerCase()) ?? '');
      return pair && encode.secret(serverName, pair.certificateChain, pair.privateKey);
    },
  });
  return { edge, configuration, fleet, ports, authority };
}

const UNREAD = { fingerprintSha256: '', publicKeySha256: '', notBefore: '', notAfter: '', keyType: '' };

export interface RawAnswer {
  status: number;
  /** All values by lower-case name. */
  headers: Record<string, string[]>;
  body: string;
}

/** Sends raw text and reads until the other side closes, or until `count` responses with a content length arrived. */
export async function raw(
  {
    port,
    tls,
  }: {
    port: number;
    tls?: { servername: string; ca: string; rejectUnauthorized?: boolean; cert?: string; key?: string };
  },
  text: string,
  count = 1,
): Promise<RawAnswer[]> {
  const socket = tls ? connectTls({ host: '127.0.0.1', port, ...tls }) : connect(port, '127.0.0.1');
  try {
    socket.write(Buffer.from(text, 'latin1'));
    let received = '';
    return await new Promise<RawAnswer[]>((resolve, reject) => {
      socket.setTimeout(10_000, () => reject(new Error(`no answer within 10 s: ${received}`)));
      socket.on('error', reject);
      socket.setEncoding('latin1').on('data', (chunk: string) => {
        received += chunk;
        const { answers, rest } = split(received);
        if (answers.length >= count || rest === undefined) resolve(answers);
      });
      socket.on('end', () => resolve(split(received, true).answers));
    });
  } finally {
    socket.destroy();
  }
}

/** @param rest an incomplete response */
function split(received: string, ended = false): { answers: RawAnswer[]; rest?: string } {
  const answers: RawAnswer[] = [];
  let rest = received;
  for (let end = rest.indexOf('\r\n\r\n'); end !== -1; end = rest.indexOf('\r\n\r\n')) {
    const [start = '', ...lines] = rest.slice(0, end).split('\r\n');
    const headers: Record<string, string[]> = Object.create(null);
    for (const line of lines) {
      const colon = line.indexOf(':');
      (headers[line.slice(0, colon).toLowerCase()] ??= []).push(line.slice(colon + 1).trim());
    }
    const status = Number(start.split(' ')[1]);
    const after = rest.slice(end + 4);
    if (status === 100) {
      rest = after;
      continue;
    }
    const empty = status === 204 || status === 304 || status < 200;
    if (headers['transfer-encoding']) {
      const chunks = /^(?:[0-9a-f]+\r\n[\s\S]*?\r\n)*?0\r\n\r\n/.exec(after)?.[0];
      if (chunks === undefined) return { answers, rest };
      answers.push({ status, headers, body: chunks.replace(/[0-9a-f]+\r\n([\s\S]*?)\r\n/g, '$1') });
      rest = after.slice(chunks.length);
      continue;
    }
    const length = headers['content-length'] ? Number(headers['content-length'][0]) : empty ? 0 : after.length;
    if (after.length < length || (!headers['content-length'] && !empty && !ended)) return { answers, rest };
    answers.push({ status, headers, body: after.slice(0, length) });
    rest = after.slice(length);
  }
  return { answers, rest };
}
