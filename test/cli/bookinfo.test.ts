import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { portsFrom } from '../../demo/bookinfo/ports.ts';
import { startBookinfo } from '../../demo/bookinfo/start.ts';
import { freePorts } from '../e2e/stack.ts';

const ports = portsFrom(await freePorts(6));
const at = (port: number, path: string) => `http://127.0.0.1:${port}${path}`;

/** Stands in for the gateway: records what the page asks it, and answers as reviews v2 would. */
const asked: { host: string | undefined; user: string | string[] | undefined; url: string | undefined }[] = [];
const gateway = createServer((request, response) => {
  asked.push({ host: request.headers.host, user: request.headers['end-user'], url: request.url });
  const rating = { stars: 4, color: 'black' };
  response.end(JSON.stringify({ version: 'v2', reviews: [{ reviewer: 'R', text: 'x < y & "z"', rating }] }));
});

let bookinfo: { close(): Promise<void> };
beforeAll(async () => {
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  const { port } = gateway.address() as AddressInfo;
  bookinfo = await startBookinfo({ ports, gateway: { url: `http://127.0.0.1:${port}`, host: 'bookinfo.example.com' } });
});
afterAll(async () => {
  await bookinfo.close();
  gateway.closeAllConnections();
  gateway.close();
});

interface Body {
  service: string;
  version: string;
  id: number;
  reviews: { rating?: { stars?: number; color?: string } }[];
  request: { path: string; headers: Record<string, string> };
}
const json = async (url: string, init?: RequestInit): Promise<Body> => (await fetch(url, init)).json() as Promise<Body>;

describe('reviews', () => {
  it.each([
    ['v1', ports.reviews.v1, undefined],
    ['v2', ports.reviews.v2, { stars: 5, color: 'black' }],
    ['v3', ports.reviews.v3, { stars: 5, color: 'red' }],
  ] as const)('%s shows its version and its stars', async (version, port, rating) => {
    const body = await json(at(port, '/reviews/7'));
    expect(body).toMatchObject({ service: 'reviews', version, id: 7 });
    expect(body.reviews[0]?.rating).toEqual(rating);
  });

  it('responds with the path and the headers that it received', async () => {
    const { request } = await json(at(ports.reviews.v1, '/reviews/1?x=1'), { headers: { 'end-user': 'jason' } });
    expect(request.path).toBe('/reviews/1');
    expect(request.headers['end-user']).toBe('jason');
  });
});

describe('productpage', () => {
  it('reads the reviews through the gateway, as the signed-in user', async () => {
    const response = await fetch(at(ports.productpage, '/productpage'), { headers: { 'end-user': 'jason' } });
    const html = await response.text();
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(asked.at(-1)).toEqual({ host: 'bookinfo.example.com', user: 'jason', url: '/reviews/1' });
    expect(html).toContain('Reviews served by: reviews v2');
    expect(html).toContain('The Comedy of Errors');
    expect(html).toContain('x &lt; y &amp; &quot;z&quot;');
    expect(html).toContain('★★★★☆');
  });

  it('answers an unknown page with a 404 that names itself', async () => {
    const response = await fetch(at(ports.productpage, '/nowhere'));
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ service: 'productpage', path: '/nowhere' });
  });
});

it('every service reports its health', async () => {
  for (const port of [ports.productpage, ports.details, ports.ratings, ...Object.values(ports.reviews)]) {
    expect((await fetch(at(port, '/health'))).status).toBe(200);
  }
});

it('leaves no service behind when one port is taken', async () => {
  const others = portsFrom(await freePorts(6));
  const clash = { ...others, productpage: ports.productpage };
  await expect(startBookinfo({ ports: clash })).rejects.toThrow(/EADDRINUSE/);
  await expect(fetch(at(others.details, '/health'))).rejects.toThrow();
});
