import type { Node as NodeRow } from '../store/nodes.ts';
import { viewOf } from '../view.ts';
import type { Stopped } from './change.ts';
import { Fleet, Node } from './schema.ts';

export const fleetView = viewOf(Fleet);

/** Only in the response to a change that left resources unserved. */
export const stoppedView = ({ stopped, stoppedCount }: Stopped) => (stoppedCount > 0 ? { stopped, stoppedCount } : {});

const node = viewOf(Node);
export const nodeView = ({ listenerRejections, ...row }: NodeRow) => node({ ...row, rejections: listenerRejections });
