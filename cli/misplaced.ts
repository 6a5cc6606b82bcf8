import { misplacedVariables } from './process/variables.ts';
import { print } from './terminal/print.ts';
import { VARIABLES } from './variables.ts';

/** Warns of variables in the environment that only the other program reads. */
export function warnOfMisplaced(program: 'api' | 'agent'): void {
  for (const warning of misplacedVariables(process.env, program, VARIABLES))
    print(`gatehouse: ${warning}`, process.stderr);
}
