import { type Enrolled, enrolmentText } from '../../wire/enrolment.ts';
import { objectDiff } from '../audit/diff.ts';
import { chargeNetworks } from '../charge-networks.ts';
import type { Context } from '../context.ts';
import { fleetTarget } from '../fleets/target.ts';
import { Problem } from '../problem.ts';
import { ANONYMOUS } from './anonymous.ts';
import { isSigned } from './signature.ts';

export interface EnrolInput {
  token: string;
  publicKey: string;
  name: string;
  version?: string | undefined;
  signature: string;
}

/**
 * Enrols an agent: exchanges a one-time token for the registration of the agent's public key. If the agent repeats the
 * request because it did not get the response, it gets the same response.
 *
 * @throws Problem `unauthorized`, the same for unknown, used, revoked and expired tokens, for a wrong signature, and
 *   when the creator of the token may not change the fleet any more
 */
export async function enrol(
  ctx: Context,
  { token, publicKey, name, version = '', signature }: EnrolInput,
): Promise<Enrolled> {
  const { store, services, now } = ctx;
  chargeNetworks(ctx, 'agents', ANONYMOUS);
  const enrolment = await store.enrolments.findByHash(await services.sha256(token));
  const isProven = await isSigned(enrolmentText({ token, publicKey, name }), publicKey, signature);
  if (!enrolment || !isProven || enrolment.expiresAt <= now) throw refused();
  const { id: used, fleet } = enrolment;
  const found = await store.fleets.find(fleet);
  if (!found) throw refused();
  const agent = {
    ...{ id: crypto.randomUUID(), fleet, name, publicKey, version, createdAt: now },
    lapsesAt: now + services.settings.agentOutage,
    ...(enrolment.createdBy !== undefined && { enrolledBy: enrolment.createdBy }),
  };
  const audit = {
    ...ctx.audit('enrol', `${fleetTarget(found)}/agents/${agent.id}`),
    actor: `enrolment:${used}`,
    diff: objectDiff({}, { name, version }),
  };
  if (await store.enrolments.use(used, agent, audit)) return { id: agent.id, fleet, generation: 0 };
  const earlier = await enrolledBefore(ctx, used, token);
  if (earlier?.publicKey !== publicKey || earlier.stoppedAt !== undefined) throw refused();
  return { id: earlier.id, fleet, generation: 0 };
}

/** Returns the agent that used the enrolment. */
async function enrolledBefore({ store, services }: Context, enrolment: string, token: string) {
  const found = await store.enrolments.findByHash(await services.sha256(token));
  if (found?.id !== enrolment || found.agent === undefined) return undefined;
  return store.agents.find(found.agent);
}

const refused = (): Problem =>
  new Problem('unauthorized', {
    detail:
      'the token is unknown, used, revoked or expired, or the signature is wrong; create another token for the agent',
  });
