import { refersTo } from '../../../model/kinds/index.ts';
import { suggest } from '../../../model/suggest.ts';
import { formatReference } from '../../../model/values/reference.ts';
import { subjectOf } from '../../../model/violations.ts';
import type { ProblemViolation } from '../../problem.ts';
import type { Candidate } from './gate.ts';

/**
 * Suggests the shared gateway of the platform to a route that names another gateway of a similar name. All tenants know
 * this one. An error never suggests other gateways: their names are known only to their owners.
 */
export function suggestPlatform(error: ProblemViolation, { ctx, state }: Candidate): ProblemViolation {
  const { platformDomain, platformGateway } = ctx.services.settings;
  if (error.code !== 'gateway-not-shared' || platformDomain === undefined) return error;
  const route = state.configuration.get('route', subjectOf(error.resource ?? '').name ?? '');
  const reference = route && refersTo('route', route).find(({ path }) => path === error.path);
  if (!reference) return error;
  const written = formatReference(reference);
  if (written === platformGateway || suggest(written, [platformGateway]) === undefined) return error;
  return { ...error, hint: `did you mean ${JSON.stringify(platformGateway)}?` };
}
