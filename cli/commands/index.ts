import type { Definition } from '../command.ts';
import { agent } from './agent.ts';
import { bootstrap } from './agent-bootstrap.ts';
import { enroll } from './agent-enroll.ts';
import { api } from './api.ts';
import { audit } from './audit.ts';
import { auditExport } from './audit-export.ts';
import { auditList } from './audit-list.ts';
import { backup } from './backup.ts';
import { completion } from './completion.ts';
import { doctor } from './doctor.ts';
import { login } from './login.ts';
import { logout } from './logout.ts';
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
import { whoami } from './whoami.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Definition<never>[] = [
  up,
  api,
  agent,
  enroll,
  bootstrap,
  login,
  logout,
  whoami,
  status,
  audit,
  auditList,
  auditExport,
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
