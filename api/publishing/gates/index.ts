import type { ProblemCode } from '../../problem.ts';
import { access } from './access.ts';
import { attachedHosts } from './attached-hosts.ts';
import { chainQuota } from './chain-quota.ts';
import { checkQuota } from './check-quota.ts';
import { clusterQuota } from './cluster-quota.ts';
import { conditionQuota } from './condition-quota.ts';
import { configuration } from './configuration.ts';
import { domains } from './domains.ts';
import { endpointQuota } from './endpoint-quota.ts';
import { fleets } from './fleets.ts';
import type { Gate } from './gate.ts';
import { hostQuota } from './host-quota.ts';
import { hosts } from './hosts.ts';
import { parents } from './parents.ts';
import { patternQuota } from './pattern-quota.ts';
import { ports } from './ports.ts';
import { registeredEndpoints } from './registered-endpoints.ts';
import { resourceQuota } from './resource-quota.ts';
import { routeQuota } from './route-quota.ts';
import { sessionQuota } from './session-quota.ts';
import { storedCertificates } from './stored-certificates.ts';

/**
 * All gates, in stages. A change is judged by all gates of a stage, so that the response reports all their errors at
 * once. The next stage is asked only when no earlier stage found an error.
 */
export const stages: readonly (readonly Gate[])[] = [
  // The first stage: a change that the caller may not make is not judged further.
  [access],
  // The third stage would run too long on a configuration beyond these limits.
  [
    resourceQuota,
    hostQuota,
    conditionQuota,
    routeQuota,
    endpointQuota,
    checkQuota,
    patternQuota,
    chainQuota,
    sessionQuota,
    clusterQuota,
  ],
  [configuration, parents, fleets, storedCertificates, registeredEndpoints],
  // The last stage reads the database. A tenant can claim only the hosts and ports of a valid configuration.
  [domains, hosts, ports, attachedHosts],
];

/** The codes of every problem with which a gate rejects a write, for the contracts of the writes. */
export const gateProblems: readonly ProblemCode[] = [...new Set(stages.flat().map(({ code }) => code))];
