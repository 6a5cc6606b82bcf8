import { CLOCK_TOLERANCE_MS, renewalText } from '../../wire/enrolment.ts';
import { newToken } from '../access/authenticate.ts';
import { chargeNetworks } from '../charge-networks.ts';
import type { Context } from '../context.ts';
import { fleetTarget } from '../fleets/target.ts';
import { Problem } from '../problem.ts';
import type { Agent, NextCredential } from '../store/agents.ts';
import { ANONYMOUS } from './anonymous.ts';
import { isSigned } from './signature.ts';

export interface RenewInput {
  agent: string;
  generation: number;
  nonce: string;
  issuedAt: string;
  version?: string | undefined;
  signature: string;
}

/** The credential, and the times in milliseconds since 1970. */
export interface RenewedCredential {
  credential: string;
  generation: number;
  expiresAt: number;
  lapsesAt: number;
}

/** A key of no agent. The signature of an unknown agent is compared with it, so that it takes as long as any other. */
const NOBODY = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';

/**
 * Replaces the credential of an agent that proves to have its key. Renewals are numbered, and the agent writes each
 * number to its disk before it uses the credential. If somebody renews a number that was already renewed, two holders
 * have the key. The API cannot know which of them is the agent, so it stops both.
 *
 * A request that somebody recorded and sends again has no effect: a repetition must be signed later than every renewal
 * that was accepted.
 *
 * @throws Problem `invalid-request` when `issuedAt` is too far from the clock of the API, or the request is a repetition
 *   that is not signed later
 * @throws Problem `unauthorized` when the agent is unknown or the signature is wrong
 * @throws Problem `agent-stopped` when the agent was stopped, or did not renew for too long
 */
export async function renew(ctx: Context, input: RenewInput): Promise<RenewedCredential> {
  const { store, services, now } = ctx;
  chargeNetworks(ctx, 'agents', ANONYMOUS);
  const signedAt = requireRecent(input.issuedAt, now);
  const { agent: id, generation, nonce, signature, version } = input;
  const agent = await store.agents.find(id);
  const isProven = await isSigned(
    renewalText({ agent: id, generation, nonce, issuedAt: signedAt }),
    agent?.publicKey ?? NOBODY,
    signature,
  );
  if (!agent || !isProven) throw unknown();
  const credential = newToken('credential');
  const times = { expiresAt: now + services.settings.agentCredential, lapsesAt: now + services.settings.agentOutage };
  const hash = await services.sha256(credential);
  const request = { id, generation, nonce, signedAt };
  const next = { ...request, hash, version: version ?? agent.version, at: now, ...times };
  if (!(await store.agents.renew(next))) throw await whyNot(ctx, request);
  services.tokens.replaced(id);
  return { credential, generation: generation + 1, ...times };
}

const unknown = (): Problem =>
  new Problem('unauthorized', { detail: 'the agent is unknown, or the signature is wrong' });

function requireRecent(issuedAt: string, now: number): number {
  const at = Date.parse(issuedAt);
  if (Math.abs(at - now) <= CLOCK_TOLERANCE_MS) return at;
  const tolerance = `${CLOCK_TOLERANCE_MS / 60_000} minutes`;
  throw wrongTime('not-recent', `must be within ${tolerance} of the clock of the API, which is ${textOf(now)}`);
}

const textOf = (time: number): string => new Date(time).toISOString();

const wrongTime = (code: 'not-recent' | 'not-later', message: string): Problem =>
  new Problem('invalid-request', {
    detail: `issuedAt ${message}`,
    violations: [{ path: '/issuedAt', pointer: '/issuedAt', code, message }],
  });

type Request = Pick<NextCredential, 'id' | 'generation' | 'nonce' | 'signedAt'>;

/** Returns the problem of a renewal that the store rejected, and stops an agent whose key has two holders. */
async function whyNot(ctx: Context, request: Request): Promise<Problem> {
  const { store, now } = ctx;
  const agent = await store.agents.find(request.id);
  if (!agent) return unknown();
  if (agent.stoppedAt !== undefined) return stopped(agent, request);
  if (agent.lapsesAt <= now)
    return new Problem('agent-stopped', {
      detail: 'the agent did not renew its credential for too long; enrol it again',
    });
  if (mayBeRecorded(request, agent))
    return wrongTime(
      'not-later',
      `must be later than the time of the last renewal, which is ${textOf(agent.signedAt!)}`,
    );
  await stop(ctx, request, agent.fleet);
  const after = await store.agents.find(request.id);
  return after ? stopped(after, request) : unknown();
}

/**
 * Whether a rejected request may be a copy of one that was accepted, so that it does not show that two holders have the
 * key. An agent never sends two requests of one generation with different nonces.
 */
const mayBeRecorded = ({ generation, nonce, signedAt }: Request, agent: Agent): boolean =>
  agent.signedAt !== undefined &&
  signedAt <= agent.signedAt &&
  (generation + 1 !== agent.generation || nonce === agent.nonce);

async function stop(ctx: Context, { id, generation }: Request, fleet: string): Promise<void> {
  const { store, services, now } = ctx;
  const found = await store.fleets.find(fleet);
  if (!found) return;
  const audit = { ...ctx.audit('stop', `${fleetTarget(found)}/agents/${id}`), actor: `agent:${id}` };
  if (!(await store.agents.stop({ fleet, id, reason: 'copied', at: now, above: generation }, audit))) return;
  services.tokens.forget((token) => token.id === id, fleet);
  services.log.warn({ fleet, agent: id, generation }, 'an agent was stopped: two holders use its key');
}

const stopped = ({ stopReason }: Agent, { generation }: Request): Problem =>
  new Problem('agent-stopped', {
    detail:
      stopReason === 'copied'
        ? `generation ${generation} of this credential was already renewed, so two holders have the key of the agent: its data folder was copied or restored from a backup. Both were stopped. Find the copy, then enrol the agent again`
        : 'the agent was revoked; enrol it again',
  });
