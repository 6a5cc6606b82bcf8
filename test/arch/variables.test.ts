import { expect, it } from 'vitest';
import { misplacedVariables, unknownVariables } from '../../cli/process/variables.ts';
import { VARIABLES } from '../../cli/variables.ts';

const ALL = Object.values(VARIABLES).flat();

it.each([
  ['GATEHOUSE_STROE', 'unknown variable GATEHOUSE_STROE; did you mean GATEHOUSE_STORE?'],
  ['GATEHOUSE_OPERATOR_TOKN', 'unknown variable GATEHOUSE_OPERATOR_TOKN; did you mean GATEHOUSE_OPERATOR_TOKEN?'],
  ['GATEHOUSE_XYZ_NOTHING_LIKE_IT', 'unknown variable GATEHOUSE_XYZ_NOTHING_LIKE_IT'],
])('%s is unknown, and its value is not printed', (name, warning) => {
  expect(unknownVariables({ [name]: 'secret', PATH: '/bin' }, ALL)).toEqual([warning]);
});

it.each([
  ...ALL,
  'GATEHOUSE_API_SERVICE_HOST',
  'GATEHOUSE_API_SERVICE_PORT',
  'GATEHOUSE_API_SERVICE_PORT_HTTP',
  'GATEHOUSE_API_PORT',
  'GATEHOUSE_API_PORT_8480_TCP',
  'GATEHOUSE_API_PORT_8480_TCP_ADDR',
])('%s is known, or set by Kubernetes', (name) => {
  expect(unknownVariables({ [name]: 'x' }, ALL)).toEqual([]);
});

it('a variable that only the other program reads is named, without its value', () => {
  const env = { GATEHOUSE_LOG: 'secret', GATEHOUSE_LOG_LEVEL: 'secret', GATEHOUSE_URL: 'secret' };
  expect(misplacedVariables(env, 'api', VARIABLES)).toEqual([
    'GATEHOUSE_LOG is a variable of `gatehouse agent`: it has no effect here. `gatehouse api --help` lists others',
  ]);
  expect(misplacedVariables(env, 'agent', VARIABLES)).toEqual([
    'GATEHOUSE_LOG_LEVEL is a variable of `gatehouse api`: it has no effect here. `gatehouse agent --help` lists others',
  ]);
});
