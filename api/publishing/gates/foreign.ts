import { isForeign } from '../../../model/values/reference.ts';
import { subjectOf } from '../../../model/violations.ts';
import { type Findings, nothing } from './gate.ts';

/** Leaves out the findings about gateways of other tenants, which the tenant can neither read nor change. */
export function withoutForeign({ errors, warnings }: Findings): Findings {
  if (errors.length + warnings.length === 0) return nothing;
  const isOwn = ({ resource = '' }: { resource?: string | undefined }) => !isForeign(subjectOf(resource).name ?? '');
  return { errors: errors.filter(isOwn), warnings: warnings.filter(isOwn) };
}
