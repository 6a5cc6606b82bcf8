import { viewOf } from '../view.ts';
import { NodeRejection, StandingRejection } from './rejection-schema.ts';

/** Turns the row of a rejection into the form in which a node of the status shows it. */
export const rejectionView = viewOf(NodeRejection);

/** Turns the row of a rejection of an earlier revision into the form that the status shows. */
export const standingView = viewOf(StandingRejection);
