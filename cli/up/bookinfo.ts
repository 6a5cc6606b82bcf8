import { join } from 'node:path';
import { projectFile } from '../process/project-file.ts';
import { until } from '../process/waiting.ts';
import { answers } from './api.ts';
import { gatewayUrl, type Installation } from './installation.ts';
import { HOST } from './tenant.ts';

/** Starts the six services of the demo. The product page reads its reviews through Envoy. */
export async function startBookinfo(installation: Installation): Promise<void> {
  const { supervisor, folder, options, signal } = installation;
  const child = supervisor.start({
    name: 'bookinfo',
    command: process.execPath,
    args: [projectFile('demo/bookinfo/main.ts')],
    env: {
      BOOKINFO_PORT: String(options.demoPort),
      BOOKINFO_GATEWAY: gatewayUrl(installation),
      BOOKINFO_HOST: HOST,
    },
    log: join(folder.logs, 'bookinfo.log'),
  });
  // The product page is the last of the six services to listen.
  await until('The demo services did not answer', () => answers(`http://127.0.0.1:${options.demoPort}/health`), {
    seconds: 15,
    signal,
    details: child.lastLines,
  });
  child.ready();
}
