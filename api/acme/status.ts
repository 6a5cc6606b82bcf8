import { read } from '../configuration/read.ts';
import type { Context } from '../context.ts';
import { page } from '../paging.ts';
import type { NameRow } from '../store/automatic.ts';
import { OrderRoom } from './order-room.ts';
import { groupIn } from './queue.ts';
import type { CertificateName } from './schema.ts';

/**
 * Reads one page of the names of a certificate, with how far each one is.
 *
 * @throws Problem `not-found` when the tenant or the certificate does not exist
 */
export async function status(
  ctx: Context,
  { tenant, name, ...query }: { tenant: string; name: string; limit?: number | undefined; cursor?: string | undefined },
): Promise<{ items: CertificateName[]; next?: string }> {
  await read(ctx, { tenant, kind: 'certificate', name });
  const { items, next } = await page(
    query,
    (at) => ctx.store.automatic.list({ tenant, certificate: name }, at),
    (row) => row.name,
  );
  const { now } = ctx;
  const room = items.some(isQueued) ? await OrderRoom.read(ctx.services, now) : undefined;
  const rows = room ? items.map((row) => (isQueued(row) ? { ...row, ...waitOf(room, row, now) } : row)) : items;
  return { items: rows.map(view), ...(next !== undefined && { next }) };
}

const isQueued = ({ queue }: NameRow): boolean => queue !== '';

/** Says why a name waits in its queue now, and until about when. */
function waitOf(room: OrderRoom, { queue, reason }: NameRow, now: number): Pick<NameRow, 'reason' | 'dueAt'> {
  const wait = room.wait(groupIn(queue));
  if (wait) return { reason: `queued: ${wait.reason}`, dueAt: wait.until };
  return { reason: reason || 'queued: other names come first', dueAt: now };
}

function view(row: NameRow): CertificateName {
  const { name, reason, failures, dueAt, renewAt, chain } = row;
  const isUnderWay = row.step !== 'idle';
  const next = chain !== null && reason === '' ? renewAt : dueAt;
  const times = { notBefore: row.notBefore, notAfter: row.notAfter, issuedAt: row.issuedAt };
  return {
    name,
    state: stateOf(row),
    ...(reason !== '' && { reason }),
    ...(failures > 0 && { failures }),
    ...(!isUnderWay && next !== null && { nextAttemptAt: new Date(next).toISOString() }),
    ...Object.fromEntries(
      Object.entries(times).flatMap(([key, at]) => (at === null ? [] : [[key, new Date(at).toISOString()]])),
    ),
  };
}

function stateOf({ step, reason, chain, orderedAt, queue }: NameRow): CertificateName['state'] {
  const isBusy = step !== 'idle' || reason !== '';
  if (chain !== null) return isBusy ? 'renewing' : 'issued';
  if (step !== 'idle' || reason === '') return 'pending';
  return orderedAt === null || queue !== '' ? 'waiting' : 'failed';
}
