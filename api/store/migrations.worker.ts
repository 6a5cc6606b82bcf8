/** All migrations of SQLite, as the bundler includes them. `npm run migrations` generates this file. */
import initial0 from '../../migrations/sqlite/0000_initial.sql';
import retention1 from '../../migrations/sqlite/0001_retention.sql';
import listenerRejections2 from '../../migrations/sqlite/0002_listener_rejections.sql';
import standingRejections3 from '../../migrations/sqlite/0003_standing_rejections.sql';
import head4 from '../../migrations/sqlite/0004_head.sql';
import supersededRejections5 from '../../migrations/sqlite/0005_superseded_rejections.sql';
import jobs6 from '../../migrations/sqlite/0006_jobs.sql';
import sealingCheck7 from '../../migrations/sqlite/0007_sealing_check.sql';
import portClaims8 from '../../migrations/sqlite/0008_port_claims.sql';
import attachedHosts9 from '../../migrations/sqlite/0009_attached_hosts.sql';
import registeredEndpoints10 from '../../migrations/sqlite/0010_registered_endpoints.sql';
import parentTenants11 from '../../migrations/sqlite/0011_parent_tenants.sql';
import portRanges12 from '../../migrations/sqlite/0012_port_ranges.sql';
import endpointHealth13 from '../../migrations/sqlite/0013_endpoint_health.sql';
import nodesAhead14 from '../../migrations/sqlite/0014_nodes_ahead.sql';
import gatewayOwners15 from '../../migrations/sqlite/0015_gateway_owners.sql';
import people16 from '../../migrations/sqlite/0016_people.sql';
import domains17 from '../../migrations/sqlite/0017_domains.sql';
import mail18 from '../../migrations/sqlite/0018_mail.sql';
import agents19 from '../../migrations/sqlite/0019_agents.sql';
import members20 from '../../migrations/sqlite/0020_members.sql';
import auditChain21 from '../../migrations/sqlite/0021_audit_chain.sql';
import plans22 from '../../migrations/sqlite/0022_plans.sql';
import automaticNames23 from '../../migrations/sqlite/0023_automatic_names.sql';
import ownFleets24 from '../../migrations/sqlite/0024_own_fleets.sql';
import invitations25 from '../../migrations/sqlite/0025_invitations.sql';
import tenantStates26 from '../../migrations/sqlite/0026_tenant_states.sql';
import deviceAuthorization27 from '../../migrations/sqlite/0027_device_authorization.sql';
import automaticLimits28 from '../../migrations/sqlite/0028_automatic_limits.sql';
import authors29 from '../../migrations/sqlite/0029_authors.sql';
import passkeys30 from '../../migrations/sqlite/0030_passkeys.sql';
import drainedNodes31 from '../../migrations/sqlite/0031_drained_nodes.sql';
import acmeOrders32 from '../../migrations/sqlite/0032_acme_orders.sql';
import approvingSessions33 from '../../migrations/sqlite/0033_approving_sessions.sql';
import namedParents34 from '../../migrations/sqlite/0034_named_parents.sql';
import queuedNames35 from '../../migrations/sqlite/0035_queued_names.sql';
import knownBrowsers36 from '../../migrations/sqlite/0036_known_browsers.sql';
import signedRenewals37 from '../../migrations/sqlite/0037_signed_renewals.sql';
import replyOwners38 from '../../migrations/sqlite/0038_reply_owners.sql';
import type { Migration } from './migrate.ts';

export const migrations: Migration[] = [
  { tag: '0000_initial', sql: initial0 },
  { tag: '0001_retention', sql: retention1 },
  { tag: '0002_listener_rejections', sql: listenerRejections2 },
  { tag: '0003_standing_rejections', sql: standingRejections3 },
  { tag: '0004_head', sql: head4 },
  { tag: '0005_superseded_rejections', sql: supersededRejections5 },
  { tag: '0006_jobs', sql: jobs6 },
  { tag: '0007_sealing_check', sql: sealingCheck7 },
  { tag: '0008_port_claims', sql: portClaims8 },
  { tag: '0009_attached_hosts', sql: attachedHosts9 },
  { tag: '0010_registered_endpoints', sql: registeredEndpoints10 },
  { tag: '0011_parent_tenants', sql: parentTenants11 },
  { tag: '0012_port_ranges', sql: portRanges12 },
  { tag: '0013_endpoint_health', sql: endpointHealth13 },
  { tag: '0014_nodes_ahead', sql: nodesAhead14 },
  { tag: '0015_gateway_owners', sql: gatewayOwners15 },
  { tag: '0016_people', sql: people16 },
  { tag: '0017_domains', sql: domains17 },
  { tag: '0018_mail', sql: mail18 },
  { tag: '0019_agents', sql: agents19 },
  { tag: '0020_members', sql: members20 },
  { tag: '0021_audit_chain', sql: auditChain21 },
  { tag: '0022_plans', sql: plans22 },
  { tag: '0023_automatic_names', sql: automaticNames23 },
  { tag: '0024_own_fleets', sql: ownFleets24 },
  { tag: '0025_invitations', sql: invitations25 },
  { tag: '0026_tenant_states', sql: tenantStates26 },
  { tag: '0027_device_authorization', sql: deviceAuthorization27 },
  { tag: '0028_automatic_limits', sql: automaticLimits28 },
  { tag: '0029_authors', sql: authors29 },
  { tag: '0030_passkeys', sql: passkeys30 },
  { tag: '0031_drained_nodes', sql: drainedNodes31 },
  { tag: '0032_acme_orders', sql: acmeOrders32 },
  { tag: '0033_approving_sessions', sql: approvingSessions33 },
  { tag: '0034_named_parents', sql: namedParents34 },
  { tag: '0035_queued_names', sql: queuedNames35 },
  { tag: '0036_known_browsers', sql: knownBrowsers36 },
  { tag: '0037_signed_renewals', sql: signedRenewals37 },
  { tag: '0038_reply_owners', sql: replyOwners38 },
];
