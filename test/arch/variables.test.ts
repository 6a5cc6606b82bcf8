import { expect, it } from 'vitest';
import { unknownVariables } from '../../cli/process/variables.ts';
import { VARIABLES } from '../../cli/variables.ts';

it.each([
  ['GATEHOUSE_STROE', 'unknown variable GATEHOUSE_STROE; did you mean GATEHOUSE_STORE?'],
  ['GATEHOUSE_OPERATOR_TOKN', 'unknown variable GATEHOUSE_OPERATOR_TOKN; did you mean GATEHOUSE_OPERATOR_TOKEN?'],
  ['GATEHOUSE_XYZ_NOTHING_LIKE_IT', 'unknown variable GATEHOUSE_XYZ_NOTHING_LIKE_IT'],
])('%s is unknown, and its value is not printed', (name, warning) => {
  expect(unknownVariables({ [name]: 'secret', PATH: '/bin' }, VARIABLES)).toEqual([warning]);
});

it.each([
  ...VARIABLES,
  'GATEHOUSE_API_SERVICE_HOST',
  'GATEHOUSE_API_SERVICE_PORT',
  'GATEHOUSE_API_SERVICE_PORT_HTTP',
  'GATEHOUSE_API_PORT',
  'GATEHOUSE_API_PORT_8480_TCP',
  'GATEHOUSE_API_PORT_8480_TCP_ADDR',
])('%s is known, or set by Kubernetes', (name) => {
  expect(unknownVariables({ [name]: 'x' }, VARIABLES)).toEqual([]);
});
