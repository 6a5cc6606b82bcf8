import { hash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import pino from 'pino';
import { escapeHidden } from '../model/values/hidden-characters.ts';
import { notListening } from '../wire/why-not-listening.ts';
import { type App, createApp } from './app.ts';
import { documentationAsset } from './assets.node.ts';
import { compression } from './compression.node.ts';
import { dnsSockets } from './dns/transport.node.ts';
import { answerUnreadable } from './http/unreadable.node.ts';
import { schedule } from './jobs/schedule.ts';
import { nodeTransport } from './mail/configured.node.ts';
import { promMetrics } from './observe/prom-metrics.node.ts';
import { restBy } from './pace.ts';
import { breachedPasswords } from './people/breached.node.ts';
import { restInTurn } from './rest.node.ts';
import { developmentKey, requireDevelopment } from './secrets/development-key.node.ts';
import { Sealer } from './secrets/seal.ts';
import { requireRightKeys } from './secrets/verify.ts';
import type { Settings } from './settings.ts';
import { openReplica, openStore, placeOf } from './store/open.node.ts';
import { Turns } from './store/turns.ts';
import { hasOperator, registerOperator } from './tokens/bootstrap.ts';
import { disconnectUnread } from './unread.node.ts';

export interface RunningApi {
  /** The URL with the actual port, such as `http://127.0.0.1:8480`. */
  url: string;
  app: App;
  /** Stops accepting requests, ends streams, lets running requests finish, and closes the store. */
  close(): Promise<void>;
}

/**
 * Opens the store, registers the operator's bootstrap token and listens.
 *
 * @throws WrongSetting when the URL of the store or the sealing keys are wrong
 * @throws Error when the port is in use or the database cannot be opened
 */
export async function startApi(settings: Settings, destination?: pino.DestinationStream): Promise<RunningApi> {
  const log = pino(
    {
      level: settings.logLevel,
      base: null,
      serializers: { err: pino.stdSerializers.err },
      // What others have written must not control the terminal that shows the log.
      hooks: { streamWrite: escapeHidden },
    },
    destination ?? logDestination(),
  );
  restBy(restInTurn);
  await requireUsable(settings);
  const mail = await nodeTransport(settings);
  const isBreached =
    settings.breachedPasswords === undefined ? undefined : breachedPasswords(settings.breachedPasswords);
  const replica = settings.storeReplica === undefined ? undefined : await openReplica(settings.storeReplica);
  const store = await openStore(settings.store);
  const closeStores = async () => {
    await replica?.close();
    await store.close();
  };
  try {
    const sha256 = (text: string) => hash('sha256', text);
    const sealingKeys = settings.sealingKeys ?? (await developmentKey(settings.store, store));
    await requireRightKeys(store, sealingKeys);
    // A client that retries after a crash then need not wait until its idempotency key expires.
    await store.idempotency.releaseAll(Date.now());
    if (settings.operatorToken) await registerOperator(store, settings.operatorToken, sha256);
    else if (!(await hasOperator(store)))
      log.warn(
        {},
        'no operator token exists, so nobody can create a tenant: set GATEHOUSE_OPERATOR_TOKEN, for example to the output of `openssl rand -hex 32`, and start again',
      );
    const app = await createApp({
      store,
      ...(replica && { replica }),
      settings: { ...settings, sealingKeys },
      log,
      metrics: promMetrics(),
      mail,
      sha256,
      compression,
      dns: dnsSockets,
      heavyReads: new Turns(),
      ...(isBreached && { isBreached }),
      asset: documentationAsset,
      remoteOf: (env) => (env as { incoming: IncomingMessage }).incoming.socket.remoteAddress ?? '',
    });
    const server = createServer(getRequestListener(app.fetch, { hostname: settings.host }));
    // A feed stream may send only heartbeats for a long time, so responses have no time limit. A request must arrive
    // within this time.
    server.requestTimeout = 60_000;
    server.keepAliveTimeout = 65_000;
    disconnectUnread(server, settings.unreadTimeout);
    server.on('clientError', answerUnreadable);
    const url = await listen(server, settings);
    log.info({ url }, 'listening');
    const stopJobs = schedule(app.services);
    const closeAll = async () => {
      await stopJobs();
      await close(app, server, closeStores, settings.drain);
    };
    return { url, app, close: closeAll };
  } catch (error) {
    await closeStores();
    throw error;
  }
}

/**
 * Checks the settings that the database does not check, so that nothing is opened or created when they are wrong.
 *
 * @throws WrongSetting
 */
async function requireUsable({ store, sealingKeys }: Settings): Promise<void> {
  placeOf(store);
  if (sealingKeys === undefined) requireDevelopment(store);
  else await Sealer.from(sealingKeys);
}

/**
 * Creates the destination of the log. It writes several lines at once, with a delay of at most 200 ms, because one
 * write per request would cost as much as the request.
 */
function logDestination(): pino.DestinationStream {
  return pino.destination({ sync: false, minLength: 4096, periodicFlush: 200 });
}

function listen(server: Server, { host, port }: Settings): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(notListening(`${host}:${port}`, 'GATEHOUSE_LISTEN (--listen)', cause)));
    server.listen(port, host, 1024, () => {
      const { port: bound } = server.address() as AddressInfo;
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${bound}`);
    });
  });
}

async function close(app: App, server: Server, closeStores: () => Promise<void>, drain: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  app.close();
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), drain);
  // Closes keep-alive connections that become idle while other requests finish.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  await closed;
  clearTimeout(late);
  clearInterval(idle);
  await closeStores();
}
