import type { Context } from '../context.ts';
import { preferredWait } from '../http/prefer.ts';
import { type RevisionState, waitLive } from './wait.ts';

/** What a write answers with once its revision was waited for, or was not. */
export interface WriteAnswer {
  headers: Record<string, string>;
  /** Undefined when nobody asked to wait. */
  state?: RevisionState;
}

/** The headers of every write; with `Prefer: wait=N`, after the revision is live, refused, or N seconds have passed. */
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
