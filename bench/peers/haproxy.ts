import { connect } from 'node:net';
import { join } from 'node:path';
import type { Child } from '../../cli/process/child.ts';
import { freePort } from '../ports.ts';
import { until } from '../processes.ts';
import { hostName, VERSION_PATH } from '../workload.ts';
import type { Peer } from './peer.ts';
import { versionFrom } from './programs.ts';
import { openReloading } from './reloaded.ts';

const MASTER = 'master.sock';
const COMMAND = '/usr/sbin/haproxy';

/**
 * HAProxy with one backend per tenant, each in its own file, and a map from hosts to backends. A reload needs a master
 * process. HAProxy has one thread, as Envoy has.
 */
export const haproxy: Peer = {
  name: 'HAProxy',
  version: () => versionFrom(COMMAND, ['-v'], /version (\d[\d.]*)/),
  async open(tenants, processes) {
    const bind = await freePort();
    return openReloading(
      {
        name: 'haproxy',
        command: COMMAND,
        args: (folder) => [
          '-W',
          '-S',
          `unix@${folder}/${MASTER}`,
          '-C',
          folder,
          '-f',
          `${folder}/haproxy.cfg`,
          '-f',
          `${folder}/tenants`,
        ],
        reload,
        bind,
        main: { file: 'haproxy.cfg', text: main(bind) },
        tenant: backend,
        index: { file: 'hosts.map', line: (tenant) => `${hostName(tenant)} ${tenant}\n` },
      },
      tenants,
      processes,
    );
  },
};

const main = (bind: number) => `
global
  nbthread 1
  stats socket unix@haproxy.sock mode 600 expose-fd listeners
defaults
  mode http
  timeout connect 1s
  timeout client 60s
  timeout server 60s
frontend bench
  bind 127.0.0.1:${bind}
  use_backend %[req.hdr(host),lower,map(hosts.map)]
`;

function backend(tenant: string, version: string): string {
  const paths = Array.from({ length: 9 }, (_, index) => `  use-server app if { path_beg /service-${index}/ }\n`);
  return `backend ${tenant}
  http-request return status 200 content-type text/plain string "${version}" if { path ${VERSION_PATH} }
${paths.join('')}  server app 127.0.0.1:8080
`;
}

/** Sent over the master's socket, because the master loses a signal that arrives while it starts. */
function reload(child: Child, folder: string): Promise<void> {
  const attempt = () =>
    new Promise<true>((resolve, reject) => {
      const socket = connect(join(folder, MASTER), () => socket.end('reload\n'));
      socket.once('error', reject);
      socket.once('close', () => resolve(true)).resume();
    });
  return until('HAProxy reloads', attempt, { child }).then(() => {});
}
