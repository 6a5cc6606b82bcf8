import { objectDiff } from '../audit/diff.ts';
import type { Context, Services } from '../context.ts';
import { absent, Problem } from '../problem.ts';
import type { Tenant } from '../store/tenants.ts';
import { etag, requirePreconditions } from '../version.ts';

type State = Pick<Tenant, 'suspendedAt' | 'suspendedReason' | 'deletedAt'>;

/**
 * Suspends a tenant: its hosts answer 503, and writes of its configuration are rejected. A tenant that is suspended
 * already gets the new reason.
 *
 * @throws Problem as `changeState`
 */
export const suspend = (ctx: Context, { tenant, reason }: { tenant: string; reason: string }): Promise<Tenant> =>
  changeState(ctx, tenant, 'suspend', ({ suspendedAt = ctx.now, deletedAt }) => ({
    suspendedAt,
    suspendedReason: reason,
    deletedAt,
  }));

/**
 * Ends the suspension of a tenant.
 *
 * @throws Problem as `changeState`
 */
export const resume = (ctx: Context, { tenant }: { tenant: string }): Promise<Tenant> =>
  changeState(ctx, tenant, 'resume', ({ deletedAt }) => ({ deletedAt }));

/**
 * Undoes the deletion of a tenant whose grace period is not over. A suspended tenant stays suspended.
 *
 * @throws Problem as `changeState`
 */
export const restore = (ctx: Context, { tenant }: { tenant: string }): Promise<Tenant> =>
  changeState(ctx, tenant, 'restore', ({ suspendedAt, suspendedReason }) => ({ suspendedAt, suspendedReason }));

/**
 * Changes the state of a tenant, and wakes the fleets that may serve it. Does nothing when the tenant is in this state.
 *
 * @param action the action in the audit log
 * @param next returns the state after the change
 * @throws Problem `not-found`
 * @throws Problem `precondition-failed` when `If-Match` does not match, or when another writer changed the tenant
 *   meanwhile
 */
export async function changeState(
  ctx: Context,
  name: string,
  action: string,
  next: (current: Tenant) => { [M in keyof State]: State[M] | undefined },
): Promise<Tenant> {
  const current = await ctx.store.tenants.find(name);
  if (!current) throw absent(`tenant ${name}`);
  requirePreconditions(ctx.preconditions, etag(current));
  const { suspendedAt: _, suspendedReason: __, deletedAt: ___, ...rest } = current;
  const after: Tenant = { ...rest, ...present(next(current)) };
  const diff = objectDiff(shown(current), shown(after));
  if (diff.changes.length === 0) return current;
  const head = crypto.randomUUID();
  const by = { ...ctx.audit(action, `tenants/${name}`), diff };
  const { ok, seqs } = await ctx.store.tenants.changeState(
    { ...shown(after), name, version: current.version, createdAt: current.createdAt, head },
    by,
  );
  if (!ok) throw new Problem('precondition-failed');
  forget(ctx.services, name);
  ctx.services.feeds.wake(seqs);
  return { ...after, head, version: current.version + 1 };
}

/** Makes this process and the others read the tenant again. */
export function forget({ heads, store }: Services, name: string): void {
  heads.forget(name);
  store.news.notify(`tenant/${name}`);
}

const shown = ({ suspendedAt, suspendedReason, deletedAt }: Tenant): State =>
  present({ suspendedAt, suspendedReason, deletedAt });

const present = (state: { [M in keyof State]: State[M] | undefined }): State =>
  // Only members that are undefined are removed.
  Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined)) as State;
