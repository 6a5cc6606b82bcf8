import { suggest } from '../../model/suggest.ts';

/** Kubernetes sets these for a Service whose name begins with "gatehouse": `GATEHOUSE_API_PORT_8480_TCP_ADDR`. */
const OF_KUBERNETES = /_SERVICE_(HOST|PORT(_\w+)?)$|_PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?$/;

/**
 * Finds variables that nothing reads because their names are misspelled.
 *
 * @param known every variable of Gatehouse
 * @returns one warning per unknown `GATEHOUSE_` variable, with the most similar known name, but never with its value
 */
export function unknownVariables(env: Record<string, string | undefined>, known: readonly string[]): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('GATEHOUSE_') && !known.includes(name) && !OF_KUBERNETES.test(name))
    .map((name) => {
      const meant = suggest(name, known);
      return `unknown variable ${name}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
    });
}

/**
 * Finds variables that only the other program reads, which would otherwise have no effect without a message.
 *
 * @param read the variables by the program that reads them
 * @returns one warning per variable, without its value
 */
export function misplacedVariables(
  env: Record<string, string | undefined>,
  program: 'api' | 'agent',
  read: Record<'api' | 'agent', readonly string[]>,
): string[] {
  const other = program === 'api' ? 'agent' : 'api';
  return read[other]
    .filter((name) => env[name] !== undefined)
    .map(
      (name) =>
        `${name} is a variable of \`gatehouse ${other}\`: it has no effect here. \`gatehouse ${program} --help\` lists others`,
    );
}
