import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SCOPE_HEADER } from '../../dataplane/compile/index.ts';
import { Prober } from '../../dataplane/status/probe.ts';

let folder: string;
let server: Server;
let prober: Prober;
/** The versions that the proxy serves, and the probes that it received. */
const serves = new Map<string, string>();
let asked: string[];

beforeEach(async () => {
  serves.clear();
  asked = [];
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-probe-'));
  const socket = join(folder, 'probe.sock');
  server = createServer((request, response) => {
    const key = String(request.headers[SCOPE_HEADER]);
    asked.push(key);
    const version = serves.get(key);
    response.writeHead(version === undefined ? 404 : 200).end(version);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  prober = new Prober(socket, 1, 400);
});
afterEach(() => {
  prober.close();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

const see = (key: string, version: string, superseded = () => false) => prober.see({ key, version, superseded });

it('a probe sees a served version, and a version that is not served in time is late', async () => {
  serves.set('80|a.test', '2');
  expect(await see('80|a.test', '2')).toBe('seen');
  expect(await see('80|a.test', '3')).toBe('late');
});

it('of many versions acknowledged together, only the last is probed', async () => {
  serves.set('80|c.test', '1');
  const all = ['a', 'b', 'c'].map((name) => see(`80|${name}.test`, '1'));
  expect(await Promise.all(all)).toEqual(['seen', 'seen', 'seen']);
  expect(asked).toEqual(['80|c.test']);
});

it('a superseded version says nothing about the other versions', async () => {
  const both = ['a', 'b'].map((name) => see(`80|${name}.test`, '1', () => name === 'b'));
  expect(await Promise.all(both)).toEqual(['late', 'superseded']);
  expect(asked).toContain('80|a.test');
});

it('superseded versions are not probed one by one, and those that come meanwhile wait', async () => {
  serves.set('80|quiet.test', '1');
  const order: string[] = [];
  const busy = (name: string) => see(`80|${name}.test`, '1', () => true).then(() => order.push(name));
  const quiet = see('80|quiet.test', '1').then(() => order.push('quiet'));
  const first = ['a', 'b', 'c', 'd'].map(busy);
  const later = first[3]!.then(() => Promise.all(['e', 'f'].map(busy)));
  await Promise.all([...first, quiet, later]);
  expect(asked).toEqual(['80|d.test', '80|quiet.test', '80|f.test']);
  expect(order.slice(0, 5).sort()).toEqual(['a', 'b', 'c', 'd', 'quiet']);
});

it('each version is probed separately when the last one is not seen', async () => {
  serves.set('80|a.test', '1');
  const order: string[] = [];
  await Promise.all(
    ['a', 'b'].map(async (name) => {
      const seen = await see(`80|${name}.test`, '1');
      order.push(`${name} ${seen}`);
    }),
  );
  expect(order).toEqual(['a seen', 'b late']);
});
