import { afterEach, beforeEach, describe } from 'vitest';
import type { Store } from '../../api/store/store.ts';
import { describeAcmeOrders } from './acme-orders.ts';
import { describeAgents } from './agents.ts';
import { describeAttached } from './attached.ts';
import { describeAudit } from './audit.ts';
import { describeAutomaticNames } from './automatic-names.ts';
import { describeClaims } from './claims.ts';
import { describeCommit } from './commit.ts';
import { describeConfiguration } from './configuration.ts';
import { describeDeviceAuthorizations } from './device-authorizations.ts';
import { describeDomains } from './domains.ts';
import { describeEndpointHealth } from './endpoint-health.ts';
import { describeEndpoints } from './endpoints.ts';
import { describeFeed } from './feed.ts';
import type { Database } from './fixtures.ts';
import { describeFleets } from './fleets.ts';
import { describeJobs } from './jobs.ts';
import { describeMail } from './mail.ts';
import { describeMembers } from './members.ts';
import { describePasskeys } from './passkeys.ts';
import { describePeople } from './people.ts';
import { describePortClaims } from './port-claims.ts';
import { describeProperties } from './properties.ts';
import { describeReplies } from './replies.ts';
import { describeRetention } from './retention.ts';
import { describeSealingChecks } from './sealing-checks.ts';
import { describeTenants } from './tenants.ts';
import { describeTokens } from './tokens.ts';

/** What every engine must do alike. `open` makes a new, empty, migrated database. */
export function describeStore(name: string, open: () => Promise<Database>): void {
  describe(`store on ${name}`, () => {
    let database: Database;
    beforeEach(async () => {
      database = await open();
    });
    afterEach(() => database.drop());
    const store = (): Store => database.store;

    describeTenants(store);
    describeTokens(store);
    describeDomains(store);
    describeMembers(store);
    describePeople(store);
    describeDeviceAuthorizations(store);
    describePasskeys(store);
    describeReplies(store);
    describeConfiguration(store);
    describeCommit(store);
    describeClaims(store);
    describePortClaims(store);
    describeAttached(store);
    describeEndpoints(store);
    describeAutomaticNames(store);
    describeAcmeOrders(store);
    describeEndpointHealth(store);
    describeFleets(store);
    describeAgents(store);
    describeFeed(store);
    describeRetention(store);
    describeJobs(store);
    describeMail(store);
    describeAudit(store);
    describeSealingChecks(store);
    describeProperties(open);
  });
}
