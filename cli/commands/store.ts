import type { Definition } from '../command.ts';

export const store: Definition = { path: 'store', description: 'Move between databases', isGroup: true };
