import type { ProblemCode } from '../../problem.ts';
import { access } from './access.ts';
import { configuration } from './configuration.ts';
import { endpointQuota } from './endpoint-quota.ts';
import { expiredCertificates } from './expired-certificates.ts';
import { fleets } from './fleets.ts';
import type { Gate } from './gate.ts';
import { hostQuota } from './host-quota.ts';
import { hosts } from './hosts.ts';

/**
 * Every gate, in stages. All gates of a stage are asked, so that everything is reported at once. A stage is asked only
 * when the stages before it found no error.
 */
export const stages: readonly (readonly Gate[])[] = [
  // First: what the caller may not do is not judged further.
  [access],
  // Judging a configuration beyond these limits would take too long.
  [hostQuota, endpointQuota],
  [configuration, fleets, expiredCertificates],
  // Last: it reads the database, and only the hosts of a valid configuration are claimed.
  [hosts],
];

/** The codes of every problem with which a gate rejects a write, for the contracts of the writes. */
export const gateProblems: readonly ProblemCode[] = [...new Set(stages.flat().map(({ code }) => code))];
