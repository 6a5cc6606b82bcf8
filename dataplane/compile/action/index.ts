/** The action of a rule. Each action has one file in this folder. */
import type { RankedRule } from '../../../model/matching/precedence.ts';
import type { Rule } from '../../../model/route/rule.ts';
import { directResponse } from './direct-response.ts';
import { forward } from './forward.ts';
import type { ActionParts, Place } from './parts.ts';
import { redirect } from './redirect.ts';

/** The fields of a rule that `compile` handles. TypeScript rejects `action` below if the schema has another field. */
type Compiled =
  | 'name'
  | 'match'
  | 'rewrite'
  | 'route'
  | 'redirect'
  | 'directResponse'
  // The rules of the other route are in the place of the rule: `model/matching/delegation.ts`.
  | 'delegate'
  | 'timeout'
  | 'mirrors'
  | 'idleTimeout'
  | 'streamTimeout'
  | 'upgrades'
  | 'retries'
  | 'fault'
  | 'cors'
  | 'grpcWeb'
  | 'headers'
  | 'policies';
type Every<Missing> = [Missing] extends [never] ? unknown : { fieldsThatAreNotCompiled: Missing };

/** Builds the action of a route: a redirect or a direct response if the rule has one, otherwise forwarding to clusters. */
export function action(rule: RankedRule & Every<Exclude<keyof Rule, Compiled>>, place: Place): ActionParts {
  if (rule.spec.redirect) return redirect(rule, place);
  return rule.spec.directResponse ? directResponse(rule.spec.directResponse) : forward(rule, place.tenant);
}
