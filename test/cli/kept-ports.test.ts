import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BLOCKED_BY_BROWSERS } from '../../cli/process/blocked-ports.ts';
import { portsOf } from '../../cli/process/ports.ts';
import { DEFAULT_PORTS } from '../../cli/up/default-ports.ts';
import type { Installation } from '../../cli/up/installation.ts';
import { keepPorts, keptPorts } from '../../cli/up/kept-ports.ts';
import { checkPorts, commandOf, wantedPorts } from '../../cli/up/options.ts';
import { summary } from '../../cli/up/summary.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-ports-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const start = (ports = DEFAULT_PORTS) => ({ data: folder, address: '127.0.0.1', ...ports });

it('browsers open every port of a start without options', async () => {
  const ports = wantedPorts(start()).flatMap(portsOf);
  expect(ports.filter((port) => BLOCKED_BY_BROWSERS.has(port))).toEqual([]);
  // The fetch of Node refuses the same ports, before it connects.
  for (const port of BLOCKED_BY_BROWSERS)
    await expect(fetch(`http://127.0.0.1:${port}`), String(port)).rejects.toMatchObject({
      cause: { message: 'bad port' },
    });
});

it('a port of the API, the agent or the demo that fetch refuses is an error', () => {
  const check = (ports: Partial<typeof DEFAULT_PORTS>) => () =>
    checkPorts(wantedPorts(start({ ...DEFAULT_PORTS, ...ports })));
  expect(check({ apiPort: 53 })).toThrow(
    'Port 53 (control API) is one that browsers and Node refuse to open. Choose another with --api-port.',
  );
  expect(check({ agentPort: 6000 })).toThrow('--agent-port');
  expect(check({ demoPort: 6660 })).toThrow('Port 6665 (demo service)');
  expect(check({ http: 10_080 })).not.toThrow();
});

it('a data folder keeps the ports of its last start', () => {
  expect(keptPorts(folder)).toEqual(DEFAULT_PORTS);
  const moved = { ...DEFAULT_PORTS, http: 10_190, demoPort: 20_000 };
  keepPorts(folder, start(moved));
  expect(keptPorts(folder)).toEqual(moved);
  expect(commandOf(start(moved), moved, new Map([['--api-port', '8500']]))).toBe(
    `npx gatehouse up --data ${folder} --api-port 8500`,
  );
  expect(commandOf(start(), moved, new Map())).toBe(
    `npx gatehouse up --data ${folder} --http ${DEFAULT_PORTS.http} --demo-port ${DEFAULT_PORTS.demoPort}`,
  );
});

it('a data folder of an earlier version keeps 10080', () => {
  writeFileSync(join(folder, 'secrets.json'), '{}');
  expect(keptPorts(folder)).toEqual({ ...DEFAULT_PORTS, http: 10_080 });
});

it('the banner says that browsers refuse a port', () => {
  const banner = (http: number) => {
    const options = start({ ...DEFAULT_PORTS, http });
    const shown = { options, folder: { path: folder, logs: folder, profile: folder }, credentials: {} };
    return summary(shown as Installation, 'ca.pem');
  };
  expect(banner(10_080)).toContain('Browsers refuse port 10080: choose another with --http or --https.');
  expect(banner(DEFAULT_PORTS.http)).not.toContain('Browsers');
});

it('a damaged file with ports is named', () => {
  writeFileSync(join(folder, 'ports.json'), '{"http":0}');
  expect(() => keptPorts(folder)).toThrow(`${join(folder, 'ports.json')} is damaged`);
});
