import type { Definition } from '../command.ts';

export const sealing: Definition = { path: 'sealing', description: 'Change the key that seals secrets', isGroup: true };
