import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Child } from '../../cli/process/child.ts';
import { Connection, requestText } from '../connection.ts';
import { freePort } from '../ports.ts';
import { type Processes, stop, until } from '../processes.ts';
import { hostName, tenantName, VERSION_PATH } from '../workload.ts';
import type { Peer, Running } from './peer.ts';
import { LIMIT_MS } from './probe.ts';
import { CADDY, moduleVersion } from './programs.ts';

/** Caddy, changed through its admin API. Each request replaces one tenant's route. */
export const caddy: Peer = {
  name: 'Caddy',
  version: () => moduleVersion(CADDY, 'github.com/caddyserver/caddy/v2'),
  open,
};

async function open(tenants: number, processes: Processes): Promise<Running> {
  const bind = await freePort();
  const admin = await freePort();
  const file = join(processes.folder, 'caddy.json');
  const routes = Array.from({ length: tenants }, (_, index) => route(tenantName(index), 'v0'));
  writeFileSync(file, JSON.stringify(config(admin, bind, routes)));
  let child: Child;
  const start = async () => {
    const env = { XDG_DATA_HOME: processes.folder, XDG_CONFIG_HOME: processes.folder };
    child = processes.start({ name: 'caddy', command: CADDY, args: ['run', '--config', file], env });
  };
  const send = async (method: string, path: string, body: unknown) => {
    const target = { host: '127.0.0.1', port: admin };
    const connection = await until('Caddy takes changes', () => Connection.open(target, LIMIT_MS), { child });
    const reply = await connection.send(
      requestText(method, path, { host: `127.0.0.1:${admin}` }, JSON.stringify(body)),
    );
    connection.close();
    if (reply.status !== 200) throw new Error(`Caddy answered ${reply.status} ${reply.body}`);
  };
  await start();
  return {
    publicPort: { port: bind },
    groups: () => [child.pid!],
    put: (tenant, version) => send('PATCH', `/id/${tenant}`, route(tenant, version)),
    create: (tenant) => send('POST', '/config/apps/http/servers/bench/routes', route(tenant, 'v0')),
    stop: () => stop(child),
    start,
  };
}

const config = (admin: number, bind: number, routes: object[]) => ({
  admin: { listen: `127.0.0.1:${admin}`, config: { persist: false } },
  logging: { logs: { default: { level: 'WARN' } } },
  apps: {
    http: { servers: { bench: { listen: [`127.0.0.1:${bind}`], automatic_https: { disable: true }, routes } } },
  },
});

function route(tenant: string, version: string) {
  const paths = Array.from({ length: 9 }, (_, index) => ({
    match: [{ path: [`/service-${index}`, `/service-${index}/*`] }],
    handle: [{ handler: 'reverse_proxy', upstreams: [{ dial: '127.0.0.1:8080' }] }],
  }));
  const answer = {
    match: [{ path: [VERSION_PATH] }],
    handle: [{ handler: 'static_response', status_code: 200, body: version }],
  };
  const routes = [...paths.slice(0, 5), answer, ...paths.slice(5)];
  return {
    '@id': tenant,
    match: [{ host: [hostName(tenant)] }],
    handle: [{ handler: 'subroute', routes }],
    terminal: true,
  };
}
