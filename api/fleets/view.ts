import type { DrainReport } from '../../wire/feed.ts';
import type { ListedNode } from '../store/nodes.ts';
import { viewOf } from '../view.ts';
import type { Stopped } from './change.ts';
import { Fleet, Node, type NodeView } from './schema.ts';

/** Turns the row of a fleet into the form that responses show. */
export const fleetView = viewOf(Fleet);

/** The members `stopped` and `stoppedCount` of a response. It returns no members when no resource became unserved. */
export const stoppedView = ({ stopped, stoppedCount }: Stopped) => (stoppedCount > 0 ? { stopped, stoppedCount } : {});

const node = viewOf(Node);
/** Turns the row of a node into the form that responses show. */
export const nodeView = ({ listenerRejections, otherAgent, drainedAt, drain = {}, ...row }: ListedNode): NodeView =>
  node({
    ...row,
    ...(row.contestedAt !== undefined && { contestedBy: [...new Set([otherAgent, row.agent])].sort() }),
    ...(drainedAt !== undefined && {
      drain: { since: new Date(drainedAt).toISOString(), ...drain, state: stateOf(drain) },
    }),
    rejections: listenerRejections,
  });

function stateOf({ connections }: DrainReport): 'pending' | 'draining' | 'drained' {
  if (connections === undefined) return 'pending';
  return connections > 0 ? 'draining' : 'drained';
}
