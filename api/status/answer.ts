import type { Context } from '../context.ts';
import { preferredWait } from '../http/prefer.ts';
import type { Finish } from '../http/route.ts';
import type { Outcome } from '../publishing/outcome.ts';
import type { Reply } from '../reply.ts';
import { etag } from '../version.ts';
import { waitFleet } from './fleet-wait.ts';
import { type RevisionState, waitLive } from './wait.ts';

/** What a write answers with once its revision was waited for, or was not. */
export interface WriteAnswer {
  headers: Record<string, string>;
  /** Undefined when nobody asked to wait. */
  state?: RevisionState;
}

/** The headers of every write; with `Prefer: wait=N`, after the revision is live or rejected, or N seconds have passed. */
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

/** The reply to a write of several resources, before its revision is waited for. */
export const outcomeReply = (tenant: string) => (body: Outcome) => {
  if (body.dryRun) return { status: 200 as const, body };
  const headers = { 'gatehouse-revision': String(body.revision), etag: etag(body.revision) };
  if (!body.changed) return { status: 200 as const, headers, body };
  const location = `/v1/tenants/${tenant}/revisions/${body.revision}`;
  return { status: 201 as const, headers: { ...headers, location }, body };
};

/**
 * Waits for the revision of such a reply. The wait is no part of the reply that is kept: a repeated request waits again
 * for the revision that the first one made.
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
 * With `Prefer: wait=N`, a fleet's change is answered once every connected node serves it. The response is 202 as soon
 * as a node refuses a port, and after N seconds. Refused ports count only for a change that sets ports.
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
