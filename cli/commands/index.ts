import type { Definition } from '../command.ts';
import { agent } from './agent.ts';
import { bootstrap } from './agent-bootstrap.ts';
import { enroll } from './agent-enroll.ts';
import { api } from './api.ts';
import { backup } from './backup.ts';
import { completion } from './completion.ts';
import { doctor } from './doctor.ts';
import { migrate } from './migrate.ts';
import { restore } from './restore.ts';
import { sealing } from './sealing.ts';
import { sealingRotate } from './sealing-rotate.ts';
import { sealingStatus } from './sealing-status.ts';
import { status } from './status.ts';
import { store } from './store.ts';
import { storeAdvance } from './store-advance.ts';
import { storeCopy } from './store-copy.ts';
import { up } from './up.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Definition<never>[] = [
  up,
  api,
  agent,
  enroll,
  bootstrap,
  status,
  migrate,
  doctor,
  backup,
  restore,
  store,
  storeCopy,
  storeAdvance,
  sealing,
  sealingStatus,
  sealingRotate,
  completion,
];
