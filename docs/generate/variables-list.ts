/** The text of cli/variables.ts, from the table rows of settings.md. */
import { settingsPage } from './settings-page.ts';

/** Variables that no user sets. Gatehouse sets this one when it starts itself a second time with another Node. */
const INTERNAL = ['GATEHOUSE_REEXECUTED'];

/** @returns the source of a module; a command reads it without loading the schemas of the API and the agent */
export function variablesList(): string {
  const [, api = [], agent = [], others = []] = settingsPage().split(/^## /m).map(namesIn);
  const shared = api.filter((name) => agent.includes(name));
  const own = (names: string[]) => names.filter((name) => !shared.includes(name));
  return `/**
 * Every variable that Gatehouse reads: those of \`gatehouse api\` alone, those of \`gatehouse agent\` alone, and others.
 * \`npm run pages\` writes this file.
 */
export const VARIABLES = {
  api: ${list(own(api))},
  agent: ${list(own(agent))},
  others: ${list([...shared, ...others, ...INTERNAL])},
};
`;
}

const namesIn = (section: string): string[] =>
  [...section.matchAll(/^\| `(GATEHOUSE_\w+)`/gm)].map(([, name = '']) => name);

const list = (names: string[]): string =>
  `[\n${[...new Set(names)]
    .sort()
    .map((name) => `    '${name}',`)
    .join('\n')}\n  ]`;
