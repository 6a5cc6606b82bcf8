import type { Context } from '../context.ts';
import { preferredWait } from '../http/prefer.ts';
import type { Finish } from '../http/route.ts';
import type { Outcome } from '../publishing/outcome.ts';
import type { Reply } from '../reply.ts';
import { waitFleet } from './fleet-wait.ts';
import { type RevisionState, waitLive } from './wait.ts';

/** The headers of the response to a write, and the state that its revision reached. */
export interface WriteAnswer {
  headers: Record<string, string>;
  /** The state of the revision when the wait ended. Undefined when the client did not ask to wait. */
  state?: RevisionState;
}

/**
 * Makes the headers of the response to a write. With `Prefer: wait=N`, it first waits until the revision is live,
 * rejected, superseded or unserved, or until N seconds have passed.
 *
 * @param request the request, for its `Prefer` header
 * @param revision the revision that the write made
 */
export async function afterWrite(
  ctx: Context,
  request: Request,
  tenant: string,
  revision: number,
): Promise<WriteAnswer> {
  const headers: Record<string, string> = { 'gatehouse-revision': String(revision) };
  const seconds = preferredWait(request.headers.get('prefer'));
  if (seconds === undefined) return { headers };
  const state = await waitLive(ctx.services, tenant, revision, seconds);
  headers['preference-applied'] = `wait=${seconds}`;
  headers['gatehouse-status'] = state;
  headers.link = `</v1/tenants/${tenant}/revisions/${revision}/status>; rel="status"`;
  return { headers, state };
}

/** Makes the reply to a write of several resources. The API computes this reply before it waits for the revision. */
export const outcomeReply =
  (tenant: string) =>
  <T extends Outcome>({ etag, ...body }: T) => {
    if (body.dryRun) return { status: 200 as const, body };
    const headers = { 'gatehouse-revision': String(body.revision), etag };
    if (!body.changed) return { status: 200 as const, headers, body };
    const location = `/v1/tenants/${tenant}/revisions/${body.revision}`;
    return { status: 201 as const, headers: { ...headers, location }, body };
  };

/**
 * Completes a reply of {@link outcomeReply}: it waits for the revision if the client asked for that. The API stores
 * the reply for a repeated request without the result of the wait. A repeated request therefore waits again for the
 * revision that the first request made.
 */
export const afterOutcome: Finish = async (ctx, { params }, request, reply): Promise<Reply> => {
  const { 'gatehouse-revision': revision, location: _, ...rest } = reply.headers ?? {};
  if (revision === undefined) return reply;
  const { headers, state } = await afterWrite(ctx, request, String(params.tenant), Number(revision));
  return state === undefined
    ? reply
    : { status: state === 'live' ? 200 : 202, headers: { ...rest, ...headers }, body: reply.body };
};

/**
 * Completes the reply to a change of a fleet. With `Prefer: wait=N`, it waits until every connected node serves the
 * change. The status is 202 if a node could not open a port, or if the change is not live after N seconds. A port that
 * a node could not open counts only for a change that sets the ports of the fleet.
 */
export const afterFleetChange: Finish = async (ctx, input, request, reply): Promise<Reply> => {
  const seconds = preferredWait(request.headers.get('prefer'));
  if (seconds === undefined) return reply;
  // The body of the fleet verbs' replies, including replies repeated for an Idempotency-Key.
  const { name, seq } = reply.body as { name: string; seq: number };
  const { ports } = input.body as { ports?: unknown };
  const state = await waitFleet(ctx.services, { name, seq, hasPorts: ports !== undefined }, seconds);
  const headers = {
    ...reply.headers,
    'preference-applied': `wait=${seconds}`,
    'gatehouse-status': state,
    link: `</v1/fleets/${name}/nodes>; rel="status"`,
  };
  return { ...reply, headers, status: state === 'live' || state === 'unserved' ? reply.status : 202 };
};
