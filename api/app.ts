import { OpenAPIHono } from '@hono/zod-openapi';
import { clipped } from '../model/values/quote.ts';
import { type Sha256, Tokens, sha256 as webSha256 } from './access/authenticate.ts';
import { AllGrants } from './access/grants.ts';
import { acmeRoutes } from './acme/routes.ts';
import { agentRoutes } from './agents/routes.ts';
import { auditRoutes } from './audit/routes.ts';
import { documentRoutes } from './configuration/document-routes.ts';
import { configurationRoutes } from './configuration/routes.ts';
import type { Log, Services } from './context.ts';
import { deviceRoutes } from './device/routes.ts';
import { Resolver } from './dns/resolver.ts';
import { type DnsTransport, noTransport } from './dns/transport.ts';
import { DomainChecks } from './domain-checks/checks.ts';
import { domainCheckRoutes } from './domain-checks/routes.ts';
import { domainRoutes } from './domains/routes.ts';
import { momentOf } from './endpoints/moment.ts';
import { endpointRoutes } from './endpoints/routes.ts';
import { enrolmentRoutes } from './enrolments/routes.ts';
import { explainRoutes } from './explain/routes.ts';
import { Feeds } from './feed/feeds.ts';
import { RecentCommits } from './feed/recent.ts';
import { feedRoutes } from './feed/routes.ts';
import { fleetRoutes } from './fleets/routes.ts';
import { negotiatedErrors } from './html/negotiated-errors.ts';
import { registerComponents } from './http/components.ts';
import { allowOrigins } from './http/cors.ts';
import type { Compression } from './http/encoding.ts';
import { nearestPath } from './http/nearest-path.ts';
import { allowedMethods, type Edge, mount, type RemoteOf, requestIdOf } from './http/pipeline.ts';
import { RateLimit } from './http/rate-limit.ts';
import { ResponseRoom } from './http/room.ts';
import type { Operation } from './http/route.ts';
import { WaitingRequests } from './http/waiting.ts';
import { invitationRoutes } from './invitations/routes.ts';
import { Outbox } from './mail/outbox.ts';
import { mailRoutes } from './mail/routes.ts';
import type { Transport } from './mail/transport.ts';
import { memberRoutes } from './members/routes.ts';
import type { Metrics } from './observe/metrics.ts';
import { observeRoutes } from './observe/routes.ts';
import { OidcProvider } from './oidc/provider.ts';
import { oidcRoutes } from './oidc/routes.ts';
import { onboardingRoutes } from './onboarding/routes.ts';
import { pageRoutes } from './pages/routes.ts';
import { passkeyRoutes } from './passkeys/routes.ts';
import { accountRoutes } from './people/account-routes.ts';
import { Passwords } from './people/passwords.ts';
import { People } from './people/people.ts';
import { peopleRoutes } from './people/routes.ts';
import { planRoutes } from './plans/routes.ts';
import { TenantQuotas } from './plans/tenant-quotas.ts';
import { absent, Problem, problemResponse } from './problem.ts';
import { Heads } from './publishing/heads/heads.ts';
import type { FixedBytes } from './reply.ts';
import { revisionRoutes } from './revisions/routes.ts';
import { Sealer } from './secrets/seal.ts';
import { FleetDirectory } from './serving/directory.ts';
import type { Settings } from './settings.ts';
import { StatusBoard } from './status/board.ts';
import { FleetSummaries } from './status/fleet-summaries.ts';
import { statusRoutes } from './status/routes.ts';
import type { Store } from './store/store.ts';
import type { Turns } from './store/turns.ts';
import { tenantRoutes } from './tenants/routes.ts';
import { tokenRoutes } from './tokens/routes.ts';

export const operations = (): Operation[] => [
  ...observeRoutes(operations),
  ...peopleRoutes(),
  ...deviceRoutes(),
  ...oidcRoutes(),
  ...accountRoutes(),
  ...passkeyRoutes(),
  ...tenantRoutes(),
  ...planRoutes(),
  ...tokenRoutes(),
  ...auditRoutes(),
  ...memberRoutes(),
  ...invitationRoutes(),
  ...domainRoutes(),
  ...domainCheckRoutes(),
  ...configurationRoutes(),
  ...acmeRoutes(),
  ...endpointRoutes(),
  ...revisionRoutes(),
  ...documentRoutes(),
  ...statusRoutes(),
  ...explainRoutes(),
  ...onboardingRoutes(),
  ...fleetRoutes(),
  ...enrolmentRoutes(),
  ...agentRoutes(),
  ...feedRoutes(),
  ...mailRoutes(),
  ...pageRoutes(),
];

/** The parts of the API that differ between runtimes. */
export interface Runtime {
  store: Store;
  /** A read replica, for reads that may return slightly outdated data. */
  replica?: Store;
  settings: Settings & { sealingKeys: string };
  log: Log;
  /** The metrics of this app. Two apps must not share this object. */
  metrics: Metrics;
  clock?: () => number;
  /** Where e-mail goes. If it is absent, messages wait in the queue. */
  mail?: Transport | undefined;
  sha256?: Sha256;
  remoteOf?: RemoteOf;
  /** Keeps work alive for which no response waits. Needed only where the platform ends it with the request. */
  defer?: Edge['defer'];
  /** The content codings of responses. Absent on a platform that compresses responses itself. */
  compression?: Compression;
  /**
   * The queues of `oneAtATime`. Queues the reads of statuses. Absent on Workers, where a request must not wait for
   * another one.
   */
  heavyReads?: Turns;
  /** How DNS queries are sent. Without it, no domain can be proven. */
  dns?: DnsTransport;
  /** Whether the operator's list contains a password, which people then may not choose. */
  isBreached?: (password: string) => boolean;
  /** Returns a file of the documentation page, by name; undefined when the file does not exist. */
  asset?: (name: string) => { body: FixedBytes; type: string } | undefined;
}

export interface App {
  fetch: (request: Request, env?: unknown) => Response | Promise<Response>;
  services: Services;
  hono: OpenAPIHono;
  /** Ends streams and waiting requests. The server can be closed afterwards. */
  close(): void;
}

/** Creates the API from its parts. The function opens no port and reads no environment variables. */
export async function createApp({
  store,
  replica,
  settings,
  log,
  metrics,
  clock = Date.now,
  mail,
  sha256 = webSha256,
  remoteOf = () => '',
  defer = () => {},
  compression,
  heavyReads,
  dns = noTransport,
  isBreached,
  asset,
}: Runtime): Promise<App> {
  const sealer = await Sealer.from(settings.sealingKeys);
  const moment = () => momentOf({ clock, settings });
  const feeds = new Feeds({ store, sealer, recent: new RecentCommits(), log, moment }, settings, log, heavyReads);
  metrics.watch('feedStreams', () => feeds.streams);
  const board = new StatusBoard(store.news);
  const heads = new Heads(store, sha256, settings.headCache);
  const fleets = new FleetDirectory(store);
  const plans = new TenantQuotas(store, settings, fleets, heads);
  const oidc = OidcProvider.from(settings, clock, log);
  const main: Services = {
    store,
    settings,
    log,
    clock,
    sha256,
    sealer,
    mail: new Outbox({ store, sealer, settings, clock }, mail),
    metrics,
    feeds,
    checks: new DomainChecks(heavyReads),
    dns: new Resolver(dns, settings.dnsRoots),
    tokens: new Tokens(store, sha256),
    grants: new AllGrants(store),
    people: new People({ store, settings, sha256, clock }, new Passwords(heavyReads !== undefined, isBreached)),
    rate: new RateLimit(settings.rateLimit, settings.rateBurst),
    heads,
    fleets,
    plans,
    board,
    summaries: new FleetSummaries({ store, settings, clock, board }, heavyReads !== undefined),
    waiting: new WaitingRequests(settings.waiting),
    ...(oidc && { oidc }),
    ...(heavyReads && { heavyReads, room: new ResponseRoom(settings.unreadTimeout) }),
    ...(compression && { compression }),
    ...(asset && { asset }),
  };
  const services: Services = replica
    ? { ...main, replica: { ...main, store: replica, heads: new Heads(replica, sha256, 1) } }
    : main;
  store.news.listen((topic) => {
    if (!topic?.startsWith('tenant/')) return;
    const tenant = topic.slice('tenant/'.length);
    services.heads.forget(tenant);
    services.plans.forget(tenant);
  });
  const hono = new OpenAPIHono({ strict: true });
  registerComponents(hono);
  if (settings.corsOrigins.length > 0) hono.use(allowOrigins(settings.corsOrigins));
  const all = operations();
  mount(hono, services, all, { remoteOf, defer });
  hono.notFound((c) => {
    if (c.req.method === 'GET' && ['/', '/docs/'].includes(c.req.path)) return c.redirect('/docs');
    const allowed = allowedMethods(all, c.req.path);
    const problem =
      allowed.length > 0
        ? new Problem('method-not-allowed', {
            detail: `this path allows ${allowed.join(', ')}`,
            headers: { allow: allowed.join(', ') },
          })
        : absent(`such path${didYouMean(nearestPath(all, c.req.path))}`);
    return negotiatedErrors.respond(problem, requestIdOf(c.req.raw.headers), c);
  });
  hono.onError((error, c) => {
    const requestId = requestIdOf(c.req.raw.headers);
    log.error({ requestId, err: error }, 'request failed outside any route');
    return problemResponse(error, requestId);
  });
  return { fetch: hono.fetch as App['fetch'], services, hono, close: () => feeds.close() };
}

const didYouMean = (path: string | undefined): string => (path === undefined ? '' : `; did you mean ${clipped(path)}?`);
