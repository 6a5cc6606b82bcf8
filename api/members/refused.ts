import type { Context } from '../context.ts';
import { absent, Problem } from '../problem.ts';
import type { MemberRefusal } from '../store/members.ts';

/** Makes the problem for a change of a member that the batch refused. It names the person as the caller knows them. */
export async function refusedBy(
  { principal, store }: Context,
  refusal: MemberRefusal,
  tenant: string,
  person: string,
): Promise<Problem> {
  if (refusal === 'absent') return absent(`member ${person} of the tenant ${tenant}`);
  const isCaller = principal.type === 'person' && principal.id === person;
  const is = isCaller ? 'you are' : `${(await store.members.find(tenant, person))?.email ?? person} is`;
  if (refusal === 'full')
    return new Problem('too-many-tenants', { detail: `${is} the owner of as many tenants as a person may own` });
  return new Problem('last-owner', {
    detail: `${is} the only owner of the tenant ${tenant}; make another member an owner first`,
  });
}
