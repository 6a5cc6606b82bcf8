/**
 * The list of all tables. The query builder, the migrations, the removal of tenants and fleets, and the commands
 * `doctor`, `restore` and `store copy` use this list.
 */
import type { Columns } from '../dialect.ts';
import { acmeAccount } from './acme-account.ts';
import { acmeOrder } from './acme-order.ts';
import { agent } from './agent.ts';
import { attachedHost } from './attached-host.ts';
import { audit } from './audit.ts';
import { auditEnd } from './audit-end.ts';
import { automaticName } from './automatic-name.ts';
import type { Removal } from './declare.ts';
import { deviceAuthorization } from './device-authorization.ts';
import { domain } from './domain.ts';
import { endpointHealth } from './endpoint-health.ts';
import { enrolment } from './enrolment.ts';
import { feed } from './feed.ts';
import { fleet } from './fleet.ts';
import { fleetCounter } from './fleet-counter.ts';
import { gatewayOwner } from './gateway-owner.ts';
import { guard } from './guard.ts';
import { hostClaim } from './host-claim.ts';
import { idempotency } from './idempotency.ts';
import { invitation } from './invitation.ts';
import { job } from './job.ts';
import { knownBrowser } from './known-browser.ts';
import { mail } from './mail.ts';
import { member } from './member.ts';
import { node } from './node.ts';
import { parentTenant } from './parent-tenant.ts';
import { passkey } from './passkey.ts';
import { passkeyChallenge } from './passkey-challenge.ts';
import { person } from './person.ts';
import { personAccount } from './person-account.ts';
import { personCode } from './person-code.ts';
import { personSession } from './person-session.ts';
import { plan } from './plan.ts';
import { portClaim } from './port-claim.ts';
import { registeredEndpoint } from './registered-endpoint.ts';
import { rejection } from './rejection.ts';
import { resourceVersion } from './resource-version.ts';
import { revision } from './revision.ts';
import { sealedKey } from './sealed-key.ts';
import { sealingCheck } from './sealing-check.ts';
import { signInAttempt } from './sign-in-attempt.ts';
import { tenant } from './tenant.ts';
import { token } from './token.ts';

export const declarations = {
  tenant,
  plan,
  revision,
  resourceVersion,
  sealedKey,
  sealingCheck,
  hostClaim,
  portClaim,
  attachedHost,
  registeredEndpoint,
  automaticName,
  acmeAccount,
  acmeOrder,
  parentTenant,
  gatewayOwner,
  endpointHealth,
  fleet,
  fleetCounter,
  feed,
  enrolment,
  agent,
  node,
  rejection,
  token,
  person,
  personAccount,
  personSession,
  personCode,
  deviceAuthorization,
  passkey,
  passkeyChallenge,
  signInAttempt,
  domain,
  member,
  invitation,
  audit,
  auditEnd,
  idempotency,
  job,
  knownBrowser,
  mail,
  guard,
};

export type TableName = keyof typeof declarations;
export type Tables = { [N in TableName]: ReturnType<(typeof declarations)[N]['define']> };

export const tableNames = Object.keys(declarations) as TableName[];

/** Defines all tables with the columns of one dialect. */
export function tables(columns: Columns): Tables {
  // TypeScript does not infer the type of each member; `Tables` states it.
  return Object.fromEntries(tableNames.map((name) => [name, declarations[name].define(columns)])) as unknown as Tables;
}

type Owner = 'tenant' | 'fleet';
/** A table with a column `tenant` or `fleet`. */
export type OwnedTable<O extends Owner> = Extract<Tables[TableName], Record<O, unknown>>;

/** Returns the tables whose rows are deleted by the batch that removes their tenant or fleet. */
export function deletedWith<O extends Owner>(t: Tables, owner: O): OwnedTable<O>[] {
  const isDeleted = (name: TableName) => (declarations[name].facts as { [P in Owner]?: Removal })[owner] === 'deleted';
  // Only a table that has the column declares the fact.
  return tableNames.filter(isDeleted).map((name) => t[name] as OwnedTable<O>);
}
