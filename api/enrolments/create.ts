import { newToken } from '../access/authenticate.ts';
import { objectDiff } from '../audit/diff.ts';
import type { Context } from '../context.ts';
import { requireFleet } from '../fleets/require-fleet.ts';
import { fleetTarget } from '../fleets/target.ts';
import { absent, Problem } from '../problem.ts';
import type { ReplyTo } from '../reply.ts';
import { mostNodes } from '../serving/most-nodes.ts';
import type { Enrolment } from '../store/enrolments.ts';
import { lacksReference } from '../store/violation.ts';

/** The number of tokens of one fleet that may be valid at a time. */
const MOST = 1_000;
/** The number of agents, the stopped ones included, that a fleet may have per node that it may have. */
const AGENTS_PER_NODE = 10;
const DEFAULT_SECONDS = 3600;

type Created = Enrolment & { token: string };

/**
 * Creates a one-time token with which an agent enrols in a fleet. The store gets only the hash of the token.
 *
 * @param reply makes the reply that the batch stores
 * @throws Problem `not-found` when the fleet does not exist
 * @throws Problem `too-many` when 1,000 tokens of the fleet are valid
 */
export async function create(
  ctx: Context,
  {
    fleet,
    description = '',
    expiresIn = DEFAULT_SECONDS,
  }: { fleet: string; description?: string | undefined; expiresIn?: number | undefined },
  reply: ReplyTo<Created>,
): Promise<Created> {
  const found = await requireFleet(ctx, 'fleet:write', fleet);
  const token = newToken('enrolment');
  const enrolment: Enrolment = {
    id: crypto.randomUUID(),
    fleet,
    description,
    createdBy: ctx.author,
    createdAt: ctx.now,
    expiresAt: ctx.now + expiresIn * 1000,
  };
  const created = { ...enrolment, token };
  const expiresAt = new Date(enrolment.expiresAt).toISOString();
  const record = {
    ...(await ctx.record('create', `${fleetTarget(found)}/enrolments/${enrolment.id}`, () => reply(created))),
    diff: objectDiff({}, { description, expiresAt }),
  };
  const agents = AGENTS_PER_NODE * mostNodes(ctx.services.settings, found);
  const hash = await ctx.services.sha256(token);
  const isStored = await ctx.store.enrolments
    .create(enrolment, hash, { open: MOST, agents }, record)
    .catch((error: unknown) => {
      // The fleet was removed after `requireFleet` found it.
      throw lacksReference(error) ? absent(`fleet ${fleet}`) : error;
    });
  if (!isStored)
    throw new Problem('too-many', {
      detail: `the fleet ${fleet} has ${MOST} tokens that are valid and not used, or ${agents} agents: revoke tokens that nobody needs, or wait until rows are deleted`,
    });
  return created;
}
