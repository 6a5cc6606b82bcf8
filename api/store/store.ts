/**
 * The database of the API. Each concern has one interface, in the file that implements it with the query builder of
 * Drizzle. Drivers run the statements on SQLite, D1 or PostgreSQL.
 *
 * Every write is one atomic batch. Unique constraints and guards in the batch protect it from other writers, so no code
 * reads first and then writes based on the result without a guard. Times are milliseconds since 1970.
 */
import { type AccessLog, accessLog } from './access-log.ts';
import { type AcmeOrders, acmeOrders } from './acme-orders.ts';
import { type ActorNames, actorNames } from './actor-names.ts';
import { type Agents, agents } from './agents.ts';
import { type Attached, attached } from './attached.ts';
import { type AuditLog, auditLog } from './audit-log.ts';
import { type AutomaticNames, automaticNames } from './automatic.ts';
import { type CertificateRows, certificateRows } from './certificate-rows.ts';
import { type Commits, commits } from './commits.ts';
import { type Configuration, configuration } from './configuration.ts';
import { type DeviceAuthorizations, deviceAuthorizations } from './device-authorizations.ts';
import type { Name } from './dialect.ts';
import { type Domains, domains } from './domains.ts';
import type { Driver } from './driver.ts';
import { type EndpointHealth, endpointHealth } from './endpoint-health.ts';
import { endpoints, type RegisteredEndpoints } from './endpoints.ts';
import { type Enrolments, enrolments } from './enrolments.ts';
import { type Feed, feed } from './feed.ts';
import { type Fleets, fleets } from './fleets.ts';
import { type Idempotency, idempotency } from './idempotency.ts';
import { type Invitations, invitations } from './invitations.ts';
import { type Jobs, jobs } from './jobs.ts';
import { type Keys, keys } from './keys.ts';
import { type KnownBrowsers, knownBrowsers } from './known-browsers.ts';
import { type MailQueue, mailQueue } from './mail.ts';
import { type Members, members } from './members.ts';
import { type NamedTenants, namedTenants } from './named-tenants.ts';
import type { News } from './news.ts';
import { type Nodes, nodes } from './nodes.ts';
import { type Passkeys, passkeys } from './passkeys.ts';
import { type People, people } from './people.ts';
import { type PersonAccounts, personAccounts } from './person-accounts.ts';
import { type PersonSessions, personSessions } from './person-sessions.ts';
import { type Plans, plans } from './plans.ts';
import { kit as kitOf } from './query.ts';
import { type Rejections, rejections } from './rejections.ts';
import { type Retention, retention } from './retention.ts';
import { type Revisions, revisions } from './revisions.ts';
import { type SignInAttempts, signInAttempts } from './sign-in-attempts.ts';
import { type Tenants, tenants } from './tenants.ts';
import { type Tokens, tokens } from './tokens.ts';
import { probe, watchWrites } from './writable.ts';

/** The interfaces of all concerns, by name. */
export interface Store {
  readonly tenants: Tenants;
  readonly plans: Plans;
  readonly tokens: Tokens;
  readonly domains: Domains;
  readonly members: Members;
  readonly accessLog: AccessLog;
  readonly invitations: Invitations;
  readonly people: People;
  readonly personAccounts: PersonAccounts;
  readonly personSessions: PersonSessions;
  readonly deviceAuthorizations: DeviceAuthorizations;
  readonly knownBrowsers: KnownBrowsers;
  readonly passkeys: Passkeys;
  readonly signInAttempts: SignInAttempts;
  readonly configuration: Configuration;
  readonly revisions: Revisions;
  readonly commits: Commits;
  readonly attached: Attached;
  readonly endpoints: RegisteredEndpoints;
  readonly acmeOrders: AcmeOrders;
  readonly automatic: AutomaticNames;
  readonly named: NamedTenants;
  readonly endpointHealth: EndpointHealth;
  readonly keys: Keys;
  readonly fleets: Fleets;
  readonly feed: Feed;
  readonly enrolments: Enrolments;
  readonly agents: Agents;
  readonly nodes: Nodes;
  readonly rejections: Rejections;
  readonly idempotency: Idempotency;
  readonly retention: Retention;
  readonly jobs: Jobs;
  readonly mail: MailQueue;
  readonly certificates: CertificateRows;
  readonly audit: AuditLog;
  readonly actorNames: ActorNames;
  readonly news: News;
  /**
   * Resolves when the database answers. After a write that the database could not accept, it resolves only when the
   * database accepts writes again.
   */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * News without other processes, for a process that is the only one on its database, or whose listeners poll often
 * enough.
 */
const nobody: News & { close(): Promise<void> } = { notify: () => {}, listen: () => {}, close: async () => {} };

/** Creates the store on a driver whose database is migrated. */
export function createStore(dialect: Name, opened: Driver, news = nobody): Store {
  const { driver, isFailing } = watchWrites(opened);
  const kit = kitOf(dialect, driver);
  const write = probe(kit);
  return {
    tenants: tenants(kit),
    plans: plans(kit),
    tokens: tokens(kit),
    domains: domains(kit),
    members: members(kit),
    actorNames: actorNames(kit),
    accessLog: accessLog(kit),
    invitations: invitations(kit),
    people: people(kit),
    personAccounts: personAccounts(kit),
    personSessions: personSessions(kit),
    deviceAuthorizations: deviceAuthorizations(kit),
    knownBrowsers: knownBrowsers(kit),
    passkeys: passkeys(kit),
    signInAttempts: signInAttempts(kit),
    configuration: configuration(kit),
    revisions: revisions(kit),
    commits: commits(kit),
    attached: attached(kit),
    endpoints: endpoints(kit),
    acmeOrders: acmeOrders(kit),
    automatic: automaticNames(kit),
    named: namedTenants(kit),
    endpointHealth: endpointHealth(kit),
    keys: keys(kit),
    fleets: fleets(kit),
    feed: feed(kit),
    enrolments: enrolments(kit),
    agents: agents(kit),
    nodes: nodes(kit),
    rejections: rejections(kit),
    idempotency: idempotency(kit),
    retention: retention(kit),
    jobs: jobs(kit),
    mail: mailQueue(kit),
    certificates: certificateRows(kit),
    audit: auditLog(kit),
    news,
    ping: async () => {
      if (isFailing()) await write();
      else await driver.all('select 1', []);
    },
    close: async () => {
      await news.close();
      await driver.close();
    },
  };
}
