import type { Services } from '../context.ts';
import { isProven } from '../domains/proven.ts';
import type { NameRow } from '../store/automatic.ts';

/**
 * Whether the tenant that uses a name has proven that it is its own; the reason in words if it has not; false when no
 * tenant uses it any more. No certificate is requested then.
 */
export type Proof = (row: NameRow) => Promise<boolean | string>;

export const proofFrom =
  (services: Services): Proof =>
  async ({ tenant, name, attached }) => {
    const user = attached === 0 ? tenant : await userOf(services, tenant, name);
    if (user === undefined) return false;
    return (
      (await isProven(services, user, name)) ||
      `the tenant ${user === tenant ? '' : `${user} `}has not proven ${name}: claim its domain at /v1/tenants/${user}/domains, and publish the record`
    );
  };

/** Finds the tenant that attaches a host to a shared gateway of the owner. */
async function userOf({ store }: Services, owner: string, host: string): Promise<string | undefined> {
  const found = await store.attached.overlapping(owner, [{ owner, host }]);
  return found.find((each) => each.host === host)?.tenant;
}
