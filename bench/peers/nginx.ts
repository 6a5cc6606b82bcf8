import { freePort } from '../ports.ts';
import { hostName, VERSION_PATH } from '../workload.ts';
import type { Peer } from './peer.ts';
import { versionFrom } from './programs.ts';
import { openReloading } from './reloaded.ts';

const COMMAND = '/usr/sbin/nginx';

/** One server block per tenant, in its own file; one worker, as Envoy has. */
export const nginx: Peer = {
  name: 'nginx',
  version: () => versionFrom(COMMAND, ['-v'], /nginx\/(\S+)/),
  async open(tenants, processes) {
    const bind = await freePort();
    return openReloading(
      {
        name: 'nginx',
        command: COMMAND,
        args: (folder) => ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'],
        reload: (child) => void process.kill(child.pid!, 'SIGHUP'),
        bind,
        main: { file: 'nginx.conf', text: main(bind) },
        tenant: (tenant, version) => block(bind, tenant, version),
      },
      tenants,
      processes,
    );
  },
};

const main = (bind: number) => `
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off;
  default_type text/plain;
  server_names_hash_max_size 524288;
  server_names_hash_bucket_size 128;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  # Otherwise the first tenant answers for hosts that are not there.
  server { listen 127.0.0.1:${bind} default_server; return 404; }
  include tenants/*.cfg;
}
`;

function block(bind: number, tenant: string, version: string): string {
  const paths = Array.from(
    { length: 9 },
    (_, index) => `  location /service-${index}/ { proxy_pass http://${tenant}; }\n`,
  );
  return `upstream ${tenant} { server 127.0.0.1:8080; }
server {
  listen 127.0.0.1:${bind};
  server_name ${hostName(tenant)};
  location = ${VERSION_PATH} { return 200 "${version}"; }
${paths.join('')}}
`;
}
