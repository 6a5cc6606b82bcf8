import { checking } from '../../../model/check/index.ts';
import type { RegisteredGroup } from '../../../model/registered-endpoints.ts';
import { carries } from '../../../model/values/labels.ts';
import { resourceName } from '../../../model/violations.ts';
import { inSlices } from '../../pace.ts';
import type { ProblemViolation } from '../../problem.ts';
import { withoutForeign } from './foreign.ts';
import type { Candidate, Gate } from './gate.ts';
import { suggestPlatform } from './platform-gateway.ts';

/**
 * Checks that the resources of a configuration agree with each other: references, hosts, destinations and
 * certificates. It reads the database only when an upstream or a subset lists no endpoints: some may be registered.
 */
export const configuration: Gate = {
  code: 'invalid-configuration',
  async judge(candidate) {
    const { ctx, state, combined, scope, pace } = candidate;
    const { errors, warnings } = withoutForeign(await inSlices(checking(combined, scope), pace));
    const found = { errors: errors.map((each) => suggestPlatform(each, candidate)), warnings };
    if (!found.warnings.some(isAboutEndpoints)) return found;
    const groups = await ctx.store.endpoints.groups(state.tenant);
    return { ...found, warnings: found.warnings.filter((each) => !isRefuted(each, groups, candidate)) };
  },
};

const LOCALITIES = '/loadBalancer/localityWeights/';
const isAboutEndpoints = ({ code, path }: ProblemViolation) =>
  code === 'no-endpoints' || code === 'empty-subset' || path.startsWith(LOCALITIES);

/** Whether a registered endpoint shows that a warning about missing endpoints is wrong. */
function isRefuted(warning: ProblemViolation, groups: readonly RegisteredGroup[], { state }: Candidate): boolean {
  if (!isAboutEndpoints(warning)) return false;
  return groups.some(({ upstream, labels }) => {
    if (resourceName('upstream', upstream) !== warning.resource) return false;
    // A registered endpoint may have any locality, and must have a weight for it.
    if (warning.code === 'no-endpoints' || warning.path.startsWith(LOCALITIES)) return true;
    const index = Number(warning.path.split('/')[2]);
    return carries(labels, state.configuration.get('upstream', upstream)?.subsets?.[index]?.labels ?? {});
  });
}
