import type { Fleet } from '../store/fleets.ts';

/** Returns the members of a fleet that a request sets, for the audit log. */
export const settable = ({ name: _, createdAt, version, seq, ...members }: Fleet): object => members;
