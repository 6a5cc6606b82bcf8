/** The tags of the OpenAPI document that several folders use. Every other tag is beside the contracts of its folder. */
import type { Tag } from './route.ts';

export const REVISIONS: Tag = {
  name: 'Revisions',
  description: 'The history of a configuration, and the status of each revision.',
};
export const AGENTS: Tag = { name: 'Agents', description: 'Operations that agents call.' };
export const ENROLMENT: Tag = {
  name: 'Enrolment',
  description: 'One-time tokens with which agents enrol, and the agents that have enrolled.',
};
