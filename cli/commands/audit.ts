import type { Definition } from '../command.ts';

export const audit: Definition = { path: 'audit', description: 'Read the audit log', isGroup: true };
