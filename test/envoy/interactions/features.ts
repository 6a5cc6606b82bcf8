/** What each feature adds to a rule, and what shows that it works. */
import { expect } from 'vitest';
import { until } from '../../e2e/process.ts';
import type { Form, Reply } from './client.ts';
import type { Received, Upstreams } from './upstreams.ts';

/** One request, what it got, and what the upstream received of it. */
interface Outcome {
  reply: Reply;
  form: Form;
  host: string;
  scheme: 'http' | 'https';
  received: Received[];
  upstreams: Upstreams;
  send(headers: Record<string, string>): Promise<Reply>;
  /** Sends the preflight of the request. */
  preflight(headers: Record<string, string>): Promise<Reply>;
}

export interface Feature {
  /** Fields of the rule. */
  rule?: object;
  /** The form of the request; default: HTTP. */
  form?: Form;
  /** Headers of the request. */
  headers?: Record<string, string>;
  /** Whether the edge answers, so that no upstream gets the request. */
  answers?: true;
  check?(outcome: Outcome): void | Promise<void>;
}

const DELAY = 60;
const LIMIT = 400;
const PAGE = 'https://page.test';

export const features = {
  redirect: {
    rule: { redirect: { uri: '/new', status: 302 } },
    answers: true,
    check({ reply, form, scheme, host }) {
      // A gRPC client knows no redirects.
      if (form.startsWith('grpc')) expect([reply.status, reply.grpcStatus]).toEqual([200, '2']);
      else expect(reply).toMatchObject({ status: 302, headers: { location: `${scheme}://${host}/new?q=1` } });
    },
  },
  rewrite: {
    rule: { rewrite: { regex: { pattern: '/in/(.*)', substitution: '/out/\\1' }, authority: 'inner.test' } },
    check: ({ received }) => expect(received[0]).toMatchObject({ url: '/out/x?q=1', host: 'inner.test' }),
  },
  directResponse: {
    rule: { directResponse: { status: 429, body: 'later', headers: { 'retry-after': '7' } } },
    answers: true,
    check({ reply, form }) {
      if (form.startsWith('grpc')) expect([reply.status, reply.grpcStatus]).toEqual([200, '14']);
      else expect(reply).toMatchObject({ status: 429, headers: { 'retry-after': '7' } });
    },
  },
  fault: {
    rule: { fault: { delay: { fixed: `${DELAY}ms` }, abort: { fromHeader: true } } },
    async check({ reply, send, form, upstreams }) {
      expect(reply.elapsed).toBeGreaterThanOrEqual(DELAY - 5);
      // A request that is aborted reaches no upstream: it is not repeated, copied or upgraded.
      const aborted = await send({ 'x-envoy-fault-abort-request': '418' });
      if (form.startsWith('grpc')) expect(aborted.grpcStatus).toBe('2');
      if (form === 'grpc') expect(aborted.status).toBe(200);
      else expect(aborted.status).toBe(418);
      expect(upstreams.of(aborted.id)).toEqual([]);
    },
  },
  mirror: {
    rule: { mirrors: [{ destination: { upstream: 'audit' } }] },
    async check({ reply, received, upstreams }) {
      const copies = () => upstreams.of(reply.id).filter(({ by }) => by === 'audit');
      await until('the copy', () => copies().length > 0);
      const { url, host } = received[0]!;
      expect(copies()).toHaveLength(1);
      expect(copies()[0]).toMatchObject({ url, host });
    },
  },
  retry: {
    rule: { retries: { attempts: 1, on: [503], nonIdempotent: true, backoff: { base: '1ms' } } },
    headers: { 'x-fail': '1' },
    check: ({ received }) => expect(received).toHaveLength(2),
  },
  timeout: {
    rule: { timeout: `${LIMIT}ms` },
    headers: { 'x-later': String(LIMIT + 100) },
    async check({ form, send }) {
      // An upgraded connection is not limited: its client waits before it sends, which is longer than the limit.
      if (form === 'webSocket') return;
      const late = await send({ 'x-wait': String(5 * LIMIT) });
      if (form.startsWith('grpc')) expect(late.grpcStatus).toMatch(/^(?:4|14)$/);
      else expect(late.status).toBe(504);
      expect(late.elapsed).toBeLessThan(5 * LIMIT);
    },
  },
  cors: {
    rule: {
      cors: { allowOrigins: [{ exact: PAGE }], allowHeaders: ['x-id', 'content-type'], exposeHeaders: ['x-answered'] },
    },
    headers: { origin: PAGE },
    async check({ reply, form, send, preflight, upstreams }) {
      const allowed = { 'access-control-allow-origin': PAGE };
      // A WebSocket has no CORS: browsers send the origin, and any page may connect.
      if (form !== 'webSocket')
        expect(reply.headers).toMatchObject({ ...allowed, 'access-control-expose-headers': 'x-answered' });
      expect((await send({ origin: 'https://other.test' })).headers).not.toHaveProperty('access-control-allow-origin');
      const answer = await preflight({ origin: PAGE, 'access-control-request-headers': 'content-type,x-id' });
      expect(answer).toMatchObject({
        status: 200,
        headers: { ...allowed, 'access-control-allow-headers': 'x-id,content-type' },
      });
      expect(upstreams.of(answer.id)).toEqual([]);
    },
  },
  webSocket: { rule: { upgrades: ['websocket'] }, form: 'webSocket' },
  grpc: { form: 'grpc' },
  grpcWeb: {
    rule: { grpcWeb: true },
    form: 'grpcWeb',
    check({ form, reply, received }) {
      if (form !== 'grpcWeb') return;
      if (reply.status === 200) expect(reply.headers['content-type']).toMatch(/^application\/grpc-web/);
      for (const { headers } of received) expect(headers['content-type']).toMatch(/^application\/grpc(?:\+|$)/);
    },
  },
  headers: {
    rule: {
      headers: {
        request: { set: { 'x-added': '%1' }, remove: ['x-dropped'] },
        response: { set: { 'x-answered': '1' }, remove: ['x-removed'] },
      },
    },
    headers: { 'x-dropped': '1' },
    check({ reply, received }) {
      expect(reply.headers).toMatchObject({ 'x-answered': '1' });
      expect(reply.headers).not.toHaveProperty('x-removed');
      for (const { headers } of received) {
        expect(headers).toMatchObject({ 'x-added': '%1' });
        expect(headers).not.toHaveProperty('x-dropped');
      }
    },
  },
  /** The rule is in another route, which the route of the host delegates to. */
  delegation: {},
} satisfies Record<string, Feature>;
