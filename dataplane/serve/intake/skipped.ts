import type { Rejection } from '../../../wire/feed.ts';

/**
 * Reports revisions as superseded that arrived only as part of a later one. When several revisions arrive as one event,
 * the agent never sees the states between them.
 *
 * @param from the first revision in the event
 * @param revision the last revision in the event
 */
export function skippedBy(tenant: string, from: number, revision: number): Rejection | undefined {
  if (from === 0 || from >= revision) return undefined;
  const message = `changed again, up to revision ${revision}, before it was sent to the agent`;
  return { tenant, revision, from, resource: '', path: '', message, superseded: true };
}
