import { automaticNames, hasAutomatic } from '../../model/automatic-certificates.ts';
import { sharesAutomatic } from '../../model/binding/attached-names.ts';
import { reportMilestone } from '../../wire/milestones.ts';
import { configurationDiff } from '../audit/diff.ts';
import type { Reply } from '../reply.ts';
import type { Commit } from '../store/commit.ts';
import type { SealedKey } from '../store/keys.ts';
import type { Store } from '../store/store.ts';
import { assignedIn } from './accept-gateway.ts';
import type { Attempt } from './attempt.ts';
import { domainsFor } from './domain-proofs.ts';
import { becomesLogical, changedUpstreams } from './gates/registered-endpoints.ts';
import { isSameForEachFleet } from './heads/delivery.ts';
import { effectsOf } from './heads/effects.ts';
import type { Head, Put } from './heads/head.ts';
import { LostRace } from './heads/lost-race.ts';
import { type Judged, refusedBy } from './judge.ts';
import { attachedChange } from './sharing/attach.ts';
import { namedGateways, parentGateways } from './sharing/owners.ts';

/** The data that a revision contains in addition to its changes. */
interface Particulars {
  keys: readonly SealedKey[];
  message: string;
  /** The number of the revision whose state this one restores. */
  restores: number | undefined;
  /** Makes the reply to the request. The batch stores it, so that a repeated `Idempotency-Key` gets the same reply. */
  reply: (() => Reply) | undefined;
}

/**
 * Writes the batch that creates a revision, and wakes the feeds of the fleets that the revision concerns.
 *
 * @param judged the change that the gates have accepted
 * @param particulars the private keys, the message and the reply that the batch stores beside the changes
 * @throws LostRace when another writer changed the configuration or the fleets after the gates judged the change
 * @throws Problem of the gate whose rule the batch would have violated, such as `host-taken`
 */
export async function commit(ctx: Attempt, judged: Judged, particulars: Particulars): Promise<void> {
  const { heads, fleets, feeds, store, metrics } = ctx.services;
  const { head, next } = judged;
  reportMilestone('checked', head.tenant);
  const batch = await batchOf(ctx, judged, particulars);
  const outcome = await heads.write(ctx.turn, next, (inTurn) => store.commits.write({ ...batch, inTurn }));
  if (!outcome.ok) {
    // Another tenant was assigned the same port at the same time.
    const isAssigned = outcome.conflict === 'port' && outcome.ports.every(({ port }) => assignedIn(ctx).has(port));
    const problem = isAssigned ? undefined : await refusedBy(ctx, judged, outcome);
    if (outcome.conflict === 'fleets') fleets.forget();
    throw problem ?? new LostRace(await winnersOf(store, judged, batch));
  }
  reportMilestone('committed', head.tenant);
  metrics.record('publishes', [], 1);
  feeds.wake(outcome.seqs, batch);
}

/**
 * Finds the tenants whose writers may have been first, when a batch was refused. Of the other tenants, these are only
 * those that the configuration names.
 */
async function winnersOf(store: Store, { head, others }: Judged, { attached }: Commit): Promise<string[]> {
  if (attached === undefined || attached.owners.length === 0) return [head.tenant];
  const named = attached.owners.filter(({ owner }) => others.owners.has(owner) || others.parents.has(owner));
  const judged = [[head.tenant, head.id] as const, ...named.map(({ owner, head: id }) => [owner, id] as const)];
  const now = await Promise.all(judged.map(([tenant]) => store.tenants.find(tenant)));
  return judged.flatMap(([tenant, id], index) => ((now[index]?.head ?? '') === id ? [] : tenant));
}

/** Makes the contents of the batch. */
async function batchOf(
  ctx: Attempt,
  { head, next, effective, others, fleets: known }: Judged,
  { keys, message, restores, reply }: Particulars,
): Promise<Commit> {
  const { tenant } = head;
  const { owners, parents } = others;
  const foreign = ({ configuration }: Head) => [
    ...namedGateways(owners, tenant, configuration),
    ...parentGateways(parents, tenant, configuration),
  ];
  const shared = owners.size + parents.size > 0 ? { before: foreign(head), after: foreign(next) } : undefined;
  const effects = await effectsOf(known, head, next, effective, shared);
  const { refused, ...domains } = await domainsFor(ctx.services, known.all, head, next, effective);
  // Since the gate judged the change, another tenant has proven the domain of a host, or this one has lost it.
  if (refused.length > 0) throw new LostRace();
  const attached = await attachedChange(ctx.store, known.all, others, { head, next });
  return {
    tenant,
    tenantCreatedAt: head.born,
    plan: head.plan,
    revision: {
      number: next.revision,
      parent: head.revision,
      author: ctx.author,
      message,
      createdAt: ctx.now,
      contentHash: await next.contentHash(ctx.services.sha256),
      changes: effective.map(({ verb, kind, name }) => ({ verb, kind, name })),
      ...(restores !== undefined && { restores }),
    },
    head: { id: next.id, parent: head.id },
    puts: effective.filter((change): change is Put => change.verb === 'put').map(stored),
    deletes: effective.filter(({ verb }) => verb === 'delete').map(({ kind, name }) => ({ kind, name })),
    keys: [...keys],
    ...effects,
    ...(domains.held.length + domains.free.length + domains.wildcards.length > 0 && { domains }),
    // Agents keep the attached hosts unless an event has others, or has the whole configuration.
    ...(attached?.isLast && { feeds: effects.feeds.map((row) => ({ ...row, base: 0 })) }),
    ...(attached && { attached }),
    unregistered: changedUpstreams({ state: next, head, changes: effective })
      .filter(({ spec, before }) => becomesLogical(before, spec))
      .map(({ name }) => name),
    ...automaticChange(head, next),
    ...(parents.size > 0 && { namesParents: true }),
    isSameForEachFleet: !attached && isSameForEachFleet(head.configuration, next.configuration, effective),
    fleetGeneration: known.generation,
    audit: {
      ...(await ctx.record('publish', `tenants/${tenant}/revisions/${next.revision}`, reply)),
      diff: configurationDiff(head, effective),
    },
  };
}

/** Returns the names for which the new head wants automatic certificates, if a change of it may concern them. */
function automaticChange(head: Head, next: Head): Pick<Commit, 'automatic' | 'movesAttachedNames'> {
  const [before, after] = [head.configuration, next.configuration];
  if (!hasAutomatic(before) && !hasAutomatic(after)) return {};
  if (before.shares('gateway', after) && before.shares('certificate', after)) return {};
  const isShared = [before, after].some(sharesAutomatic);
  return { automatic: automaticNames(after), ...(isShared && { movesAttachedNames: true }) };
}

/** Removes the members of a put that the store does not need. */
const stored = ({ kind, name, spec, json, info }: Put): Commit['puts'][number] => ({
  kind,
  name,
  spec,
  ...(json !== undefined && { json }),
  ...(info && { info }),
});
