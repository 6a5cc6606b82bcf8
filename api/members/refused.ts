import { absent, Problem } from '../problem.ts';
import type { MemberRefusal } from '../store/members.ts';

/** Makes the problem for a change of a member that the batch refused. */
export function refusedBy(refusal: MemberRefusal, tenant: string, person: string): Problem {
  if (refusal === 'absent') return absent(`member ${person} of the tenant ${tenant}`);
  if (refusal === 'full')
    return new Problem('too-many-tenants', { detail: `${person} owns as many tenants as a person may` });
  return new Problem('last-owner', {
    detail: `${person} is the only owner of the tenant ${tenant}; make another member an owner first`,
  });
}
