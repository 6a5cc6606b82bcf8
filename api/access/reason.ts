import type { Services } from '../context.ts';
import { absent, Problem } from '../problem.ts';
import { authorOf, type Principal } from './principal.ts';
import type { Target } from './target.ts';

/** A read by a member of the support staff. */
interface Read {
  principal: Principal;
  target: Target;
  requestId: string;
  remote: string;
  now: number;
}

/**
 * Stores the reason of a read in the audit log of the tenant whose object is read, before the read. The reason is the
 * header `Gatehouse-Reason`.
 *
 * @throws Problem `forbidden` without a reason
 * @throws Problem `not-found` when there is no such tenant
 */
export async function recordReason(
  { store }: Services,
  { headers, url }: Request,
  { principal, target, requestId, remote, now }: Read,
): Promise<void> {
  const reason = headers.get('gatehouse-reason')?.trim() ?? '';
  if (!/^[ -~]{8,200}$/.test(reason))
    throw new Problem('forbidden', {
      detail: 'support must state a reason of 8 to 200 ASCII characters in the header Gatehouse-Reason',
    });
  const isStored = await store.accessLog.add({
    actor: authorOf(principal),
    action: 'support-read',
    target: targetIn(target, new URL(url).pathname.slice('/v1/'.length, 400)),
    ...{ at: now, requestId, remote },
    diff: { changes: [{ path: '/reason', operation: 'add', after: reason }] },
  });
  if (!isStored) throw absent(`tenant ${target.tenant}`);
}

/** Returns the path of an object, below its tenant: `fleets/acme-edge` becomes `tenants/acme/fleets/acme-edge`. */
const targetIn = ({ tenant }: Target, path: string): string =>
  tenant === undefined || path.startsWith('tenants/') ? path : `tenants/${tenant}/${path}`;
