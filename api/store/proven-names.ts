import { and, eq, isNull, or, type SQL, sql } from 'drizzle-orm';
import type { Statement } from './driver.ts';
import { reversed } from './hosts.ts';
import { $, $int, $text, type Kit, prepare } from './query.ts';

/** Part of the reason of a name whose tenant has not proven it. No other reason of a name that was never ordered has it. */
export const UNPROVEN = 'has not proven';

/**
 * Makes the statements that make names due that waited for the proof of a domain: those of the tenant's own servers, and
 * those that it attaches to gateways of other tenants. They belong to the batch of the proof, before the domain is held:
 * a check of a domain that is held already changes no name. Names that wait for something else, that failed, or that are
 * in a queue keep their time.
 */
export function provenNames(
  kit: Kit,
): (proven: { tenant: string; name: string; token: string; at: number }) => Statement[] {
  const { db } = kit;
  const { automaticName: a, attachedHost: h, domain: d } = kit.t;
  const isNew = sql`exists (select 1 from ${d} where ${and(eq(d.tenant, $('tenant')), eq(d.name, $('name')), eq(d.token, $('token')), isNull(d.held))})`;
  const tail = sql`length(${a.name}) - length(${$text('name')})`;
  const isBelow = sql`(${tail} > 0 and substr(${a.name}, ${tail}) = ${$text('below')})`;
  // The first step of a name may read that the domain is not proven just before it is. The new version refuses its result.
  const isBeginning = eq(a.reason, sql`''`);
  const isUnproven = sql`${a.reason} like ${sql.raw(`'the tenant %${UNPROVEN} %'`)}`;
  const waits = and(
    ...[eq(a.wanted, 1), eq(a.step, sql`'idle'`), eq(a.queue, sql`''`), isNull(a.chain), isNull(a.orderedAt)],
    or(isBeginning, isUnproven),
  );
  const wake = (where: SQL | undefined) =>
    prepare(
      db
        .update(a)
        .set({ reason: '', failures: 0, dueAt: sql`${$int('at')}`, version: sql`${a.version} + 1` })
        .where(and(where, waits, isNew)),
    );
  const own = wake(and(eq(a.tenant, $('tenant')), eq(a.attached, 0), or(eq(a.name, $('name')), isBelow)));
  // `~` sorts after every character of a host.
  const attachedBelow = sql`${h.reversed} >= ${$('reversedBelow')} and ${h.reversed} < ${$('end')}`;
  const attached = wake(
    and(
      eq(a.attached, 1),
      sql`(${a.tenant}, ${a.name}) in (select ${h.owner}, ${h.host} from ${h} where ${and(eq(h.tenant, $('tenant')), or(eq(h.host, $('name')), attachedBelow))})`,
    ),
  );
  return ({ tenant, name, token, at }) => {
    const key = { tenant, name, token, at };
    return [
      own.with({ ...key, below: `.${name}` }),
      attached.with({ ...key, reversedBelow: `${reversed(name)}.`, end: `${reversed(name)}.~` }),
    ];
  };
}
