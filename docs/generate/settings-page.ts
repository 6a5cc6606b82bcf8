/** The text of settings.md, from the schemas that read the settings. */
import { z } from 'zod';
import { Variables } from '../../api/settings.ts';
import { AgentSettings, VARIABLES } from '../../dataplane/settings.ts';

/** The description of one variable in a schema. `unit`, `option` and `fallback` come from its `meta`. */
interface Property {
  description?: string;
  default?: unknown;
  unit?: string;
  option?: string;
  fallback?: string;
}

interface Row extends Property {
  name: string;
  isRequired: boolean;
}

const BEGINNING = `# Settings

The API and the agent read these environment variables when they start. A command line option overrides its variable.
Secrets have no option, because other users of a machine can see arguments. A wrong or missing setting stops the start
with a message that names it.

This page is generated from [\`api/settings.ts\`](../../api/settings.ts) and
[\`dataplane/settings.ts\`](../../dataplane/settings.ts) by \`npm run pages\`.
`;

const END = `## Others

| variable | read by | meaning |
|---|---|---|
| \`ENVOY_BIN\` | \`gatehouse up\`, tests | Path of the Envoy to run. Default: the one in \`PATH\`, else Envoy 1.40, fetched once. |
| \`GATEHOUSE_ENROLMENT_TOKEN\` | \`gatehouse agent enroll\` | One-time token with which the agent enrols. |
| \`NODE_COMPILE_CACHE\` | \`gatehouse api\`, \`gatehouse agent\` | Folder for compiled sources (\`--compile-cache\`). |
| \`GATEHOUSE_URL\` | commands that call an API | Base URL of the API (\`--url\`). Default: the URL of the profile. |
| \`GATEHOUSE_TOKEN\` | commands that call an API | Token for that URL. Default: the token of the profile. |
| \`GATEHOUSE_PROFILE\` | commands that call an API | JSON file with \`url\` and \`token\` (\`--profile\`). Default: \`gatehouse/profile.json\` in \`XDG_CONFIG_HOME\` or \`~/.config\`. |
| \`GATEHOUSE_WORKER_FOLDER\` | \`npm run worker:dev\`, \`--store d1:DB\` | Folder of the local D1. Default: \`.gatehouse/worker\`. |
| \`CLOUDFLARE_ENV\` | \`--store d1:DB\` | Environment of \`wrangler.toml\`. |
`;

/** @returns the whole page as Markdown */
export function settingsPage(): string {
  const api = rows(Variables, (name) => ({ name }));
  const agent = rows(AgentSettings, (key) => VARIABLES[key as keyof typeof VARIABLES]);
  return [BEGINNING, `## \`gatehouse api\`\n\n${table(api)}`, `## \`gatehouse agent\`\n\n${table(agent)}`, END].join(
    '\n',
  );
}

function rows(schema: z.ZodObject, variableOf: (key: string) => { name: string; option?: string }): Row[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([key, property]) => ({
    ...(property as Property),
    ...variableOf(key),
    isRequired: required.includes(key),
  }));
}

const table = (settings: Row[]): string =>
  ['| variable | default | unit | meaning |', '|---|---|---|---|', ...settings.map(line), ''].join('\n');

function line({ name, option, unit = '', description, isRequired, fallback, default: value }: Row): string {
  if (description === undefined) throw new Error(`${name} has no description`);
  const otherwise = isRequired
    ? 'required'
    : (fallback ?? (value === undefined || value === '' ? 'none' : `\`${value}\``));
  return `| \`${name}\`${option === undefined ? '' : `<br>\`${option}\``} | ${otherwise} | ${unit} | ${description} |`;
}
