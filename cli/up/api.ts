import { join } from 'node:path';
import { apiProgram } from '../process/program.ts';
import { until } from '../process/waiting.ts';
import { apiUrl, type Installation } from './installation.ts';
import { PLATFORM_DOMAIN, PLATFORM_GATEWAY } from './platform.ts';

const SECONDS = 30;

/**
 * Starts the control API on the database in the folder, and waits until it is ready. The migrations are then applied.
 */
export async function startApi(installation: Installation): Promise<string> {
  const { supervisor, folder, credentials, options, signal } = installation;
  const program = apiProgram(folder.path);
  const child = supervisor.start({
    ...program,
    name: 'API',
    env: {
      ...program.env,
      GATEHOUSE_STORE: `sqlite:${join(folder.path, 'api.sqlite')}`,
      GATEHOUSE_LISTEN: `127.0.0.1:${options.apiPort}`,
      GATEHOUSE_OPERATOR_TOKEN: credentials.operatorToken,
      // Names that nobody has registered are enough to try gateways. The demo itself needs no proof.
      GATEHOUSE_DOMAIN_PROOF: process.env.GATEHOUSE_DOMAIN_PROOF ?? 'optional',
      GATEHOUSE_PLATFORM_DOMAIN: PLATFORM_DOMAIN,
      GATEHOUSE_PLATFORM_GATEWAY: PLATFORM_GATEWAY,
      GATEHOUSE_PLATFORM_PORT: String(options.https),
      GATEHOUSE_MAIL: `file:${folder.mail}`,
    },
    log: join(folder.logs, 'api.log'),
  });
  const url = apiUrl(installation);
  await until('The API did not become ready', () => answers(`${url}/readyz`), {
    seconds: SECONDS,
    signal,
    details: child.lastLines,
  });
  child.ready();
  return url;
}

/** Resolves to true when the server answers 2xx. Undefined means that the caller should retry. */
export async function answers(url: string): Promise<true | undefined> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
  await response.body?.cancel();
  return response.ok || undefined;
}
